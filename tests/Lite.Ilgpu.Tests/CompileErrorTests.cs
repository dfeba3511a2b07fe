using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>What no lane can do is refused when the kernel is loaded, with what to do instead.</summary>
public sealed class CompileErrorTests
{
    private static readonly int[] Table = [1, 2, 3];

    [Theory]
    [InlineData(nameof(Handler), "'try'")]
    [InlineData(nameof(Recursive), "use a loop")]
    [InlineData(nameof(StackAllocation), "LocalMemory")]
    [InlineData(nameof(KeepsAnObject), "structs without references")]
    [InlineData(nameof(Boxes), "'box'")]
    public void Load_KernelThatWaits_RefusesWhatLanesCannotKeep(string name, string expected)
    {
        using Devices devices = Devices.Create();
        var method = typeof(CompileErrorTests).GetMethod(name, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;

        InternalCompilerException error = Assert.Throws<InternalCompilerException>(() => devices.Accelerator.LoadKernel<Action<KernelConfig, ArrayView<int>>>(method));

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ImplicitlyGroupedKernelThatWaits_IsRefused()
    {
        using Devices devices = Devices.Create();

        Assert.Throws<InternalCompilerException>(() => devices.Accelerator.LoadAutoGroupedStreamKernel<Index1D, ArrayView<int>>(ImplicitWithBarrier));
    }

    [Fact]
    public void Load_LambdaThatCaptures_IsRefused()
    {
        using Devices devices = Devices.Create();
        int captured = Table[1];

        Assert.Throws<InternalCompilerException>(() => devices.Accelerator.LoadStreamKernel<ArrayView<int>>(output => output[0] = captured));
    }

    private static void Handler(ArrayView<int> output)
    {
        try
        {
            Group.Barrier();
        }
        finally
        {
            output[0] = 1;
        }
    }

    private static void Recursive(ArrayView<int> output) => output[Group.IdxX] = Again(3);

    private static int Again(int depth) => depth == 0 ? Group.IdxX : Again(depth - 1);

    private static void StackAllocation(ArrayView<int> output)
    {
        Span<int> numbers = stackalloc int[4];
        output[Group.IdxX] = numbers[0];
    }

    private static void KeepsAnObject(ArrayView<int> output)
    {
        int[] table = Table;
        Group.Barrier();
        output[Group.IdxX] = Length(table);
    }

    private static void Boxes(ArrayView<int> output)
    {
        object boxed = Group.IdxX;
        output[Group.IdxX] = boxed.GetHashCode();
    }

    private static int Length(int[] table) => table.Length;

    private static void ImplicitWithBarrier(Index1D index, ArrayView<int> output)
    {
        Group.Barrier();
        output[index] = 1;
    }
}
