using ILGPU;
using ILGPU.Runtime;
using Winnow.Contract.Ilgpu.Tests.Support;

namespace Winnow.Contract.Ilgpu.Tests;

public sealed class LaunchTests(CpuFixture fixture) : KernelTests(fixture)
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 33)]
    [InlineData(7, 100)]
    [InlineData(2, 256)]
    public void Indices_OfOneDimension_NameEveryThreadOnce(int groups, int threads)
    {
        int[] read = Run<int, int>(WriteLinear, [0], groups * threads, new KernelConfig(groups, threads));
        Assert.Equal(Count(groups * threads), read);
    }

    private static void WriteLinear(ArrayView<int> input, ArrayView<int> output) =>
        output[Grid.GlobalIndex.X] = (Grid.IdxX * Group.DimX) + Group.IdxX + input[0];

    [Fact]
    public void Indices_OfThreeDimensions_NameEveryThreadOnce()
    {
        int[] read = Run<int, int>(CountVisits, [0], 2 * 3 * 2 * 4 * 2 * 3, new KernelConfig(new Index3D(2, 3, 2), new Index3D(4, 2, 3)));
        Assert.All(read, visits => Assert.Equal(1, visits));
    }

    private static void CountVisits(ArrayView<int> input, ArrayView<int> output)
    {
        int group = Grid.IdxX + (Grid.DimX * (Grid.IdxY + (Grid.DimY * Grid.IdxZ)));
        int thread = Group.IdxX + (Group.DimX * (Group.IdxY + (Group.DimY * Group.IdxZ)));
        Atomic.Add(ref output[(group * Group.DimX * Group.DimY * Group.DimZ) + thread], 1 + input[0]);
    }

    [Fact]
    public void LinearIndex_OfAGroup_RunsOverXFirst()
    {
        int[] read = Run<int, int>(WriteLinearOfGroup, [0], 24, new KernelConfig(new Index3D(1, 1, 1), new Index3D(4, 2, 3)));
        Assert.Equal(Count(24), read);
    }

    private static void WriteLinearOfGroup(ArrayView<int> input, ArrayView<int> output) =>
        output[Group.IdxX + (4 * Group.IdxY) + (8 * Group.IdxZ)] = Group.LinearIndex + input[0];

    [Fact]
    public void Indices_OfWarps_FollowTheLinearIndex()
    {
        int[] read = Run<int, int>(WriteWarp, Count(100), 300, new KernelConfig(1, 100));
        Assert.Equal(Count(100).SelectMany(i => new[] { i % 32, i / 32, 32 }), read);
    }

    private static void WriteWarp(ArrayView<int> input, ArrayView<int> output)
    {
        int at = 3 * input[Group.IdxX];
        output[at] = Warp.LaneIdx;
        output[at + 1] = Warp.WarpIdx;
        output[at + 2] = Warp.WarpSize;
    }

    [Fact]
    public void Dimensions_InTheKernel_AreThoseOfTheLaunch()
    {
        int[] read = Run<int, int>(WriteDimensions, [0], 6, new KernelConfig(new Index3D(5, 4, 3), new Index3D(2, 3, 4)));
        Assert.Equal([5, 4, 3, 2, 3, 4], read);
    }

    private static void WriteDimensions(ArrayView<int> input, ArrayView<int> output)
    {
        output[0] = Grid.Dimension.X + input[0];
        output[1] = Grid.Dimension.Y;
        output[2] = Grid.DimZ;
        output[3] = Group.Dimension.X;
        output[4] = Group.DimY;
        output[5] = Group.DimZ;
    }

    [Fact]
    public void LoadStreamKernel_WithoutAStream_RunsOnTheDefaultStream()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D<int>(64);
        Action<KernelConfig, ArrayView<int>, int> sut = Accelerator.LoadStreamKernel<ArrayView<int>, int>(Fill);
        sut((2, 32), buffer.View, 9);
        Accelerator.Synchronize();
        Assert.All(buffer.GetAsArray1D(), value => Assert.Equal(9, value));
    }

    private static void Fill(ArrayView<int> output, int value) => output[Grid.GlobalIndex.X] = value;

    [Fact]
    public void Parameters_OfEveryNumberType_Arrive()
    {
        using MemoryBuffer1D<double, Stride1D.Dense> buffer = Accelerator.Allocate1D<double>(10);
        Accelerator.LoadKernel<ArrayView<double>, byte, sbyte, short, ushort, int, uint, long, ulong, float, double, ILGPU.Half>(WriteParameters)(
            Accelerator.DefaultStream, (1, 1), buffer.View, 200, -100, -30000, 60000, int.MinValue, uint.MaxValue, 1L << 40, 1UL << 41, 0.5f, 0.25, (ILGPU.Half)1.5f);
        Accelerator.Synchronize();
        Assert.Equal([100, -30000, 60000, int.MinValue, uint.MaxValue, 1L << 40, 1UL << 41, 0.5, 0.25, 1.5], buffer.GetAsArray1D());
    }

    private static void WriteParameters(
        ArrayView<double> output, byte u8, sbyte i8, short i16, ushort u16, int i32, uint u32, long i64, ulong u64, float f32, double f64, ILGPU.Half f16)
    {
        output[0] = u8 + i8;
        output[1] = i16;
        output[2] = u16;
        output[3] = i32;
        output[4] = u32;
        output[5] = i64;
        output[6] = u64;
        output[7] = f32;
        output[8] = f64;
        output[9] = (float)f16;
    }

    [Fact]
    public void Parameter_ThatIsAStruct_MayHoldViews()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> input = Accelerator.Allocate1D(Count(8));
        using MemoryBuffer1D<float, Stride1D.Dense> output = Accelerator.Allocate1D<float>(8);
        Accelerator.LoadKernel<ScaleArguments>(Scale)(
            Accelerator.DefaultStream, (1, 8), new ScaleArguments { Input = input.View, Output = output.View, Count = 8, Factor = 0.5f });
        Accelerator.Synchronize();
        Assert.Equal(Count(8).Select(i => i * 0.5f), output.GetAsArray1D());
    }

    internal struct ScaleArguments
    {
        public ArrayView<int> Input;
        public ArrayView<float> Output;
        public int Count;
        public float Factor;
    }

    private static void Scale(ScaleArguments arguments)
    {
        if (Group.IdxX < arguments.Count)
        {
            arguments.Output[Group.IdxX] = arguments.Input[Group.IdxX] * arguments.Factor;
        }
    }

    [Fact]
    public void Launch_WithFourteenParameters_Arrives()
    {
        using MemoryBuffer1D<int, Stride1D.Dense> buffer = Accelerator.Allocate1D<int>(1);
        Accelerator.LoadKernel<ArrayView<int>, int, int, int, int, int, int, int, int, int, int, int, int, int>(Sum)(
            Accelerator.DefaultStream, (1, 1), buffer.View, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        Accelerator.Synchronize();
        Assert.Equal([91], buffer.GetAsArray1D());
    }

    private static void Sum(ArrayView<int> output, int a, int b, int c, int d, int e, int f, int g, int h, int i, int j, int k, int l, int m) =>
        output[0] = a + b + c + d + e + f + g + h + i + j + k + l + m;

    [Fact]
    public void LoadKernel_Twice_GivesKernelsThatBothRun()
    {
        Assert.Equal(Count(8), Run<int, int>(WriteLinear, [0], 8, (1, 8)));
        Assert.Equal(Count(16), Run<int, int>(WriteLinear, [0], 16, (2, 8)));
    }
}
