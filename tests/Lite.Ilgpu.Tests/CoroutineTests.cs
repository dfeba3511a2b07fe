using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>What a lane has in its hands when it waits is there when it goes on, whatever shape the code has.</summary>
public sealed class CoroutineTests
{
    [Theory]
    [InlineData(nameof(ReferenceToView))]
    [InlineData(nameof(ReferenceToLocal))]
    [InlineData(nameof(CompoundField))]
    [InlineData(nameof(Conditional))]
    [InlineData(nameof(SwitchInLoop))]
    [InlineData(nameof(OutParameter))]
    [InlineData(nameof(MutatingMethod))]
    [InlineData(nameof(ChangedArgument))]
    [InlineData(nameof(NestedCalls))]
    [InlineData(nameof(SharedInLoop))]
    [InlineData(nameof(LocalMemoryKept))]
    [InlineData(nameof(ManyTypes))]
    [InlineData(nameof(ParameterThatChanges))]
    [InlineData(nameof(VariableThatChangesAfterItWasPassed))]
    [InlineData(nameof(StructByReference))]
    public void Kernel_OfEachShape_ComputesTheRotation(string name)
    {
        using Devices devices = Devices.Create();
        const int lanes = 96;
        using var output = devices.Accelerator.Allocate1D<int>(3 * lanes);
        var method = typeof(CoroutineTests).GetMethod(name, System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!;
        var launch = devices.Accelerator.LoadKernel<Action<KernelConfig, ArrayView<int>, int>>(method);

        launch((3, lanes), output.View, 7);

        Assert.Equal(Enumerable.Range(0, 3 * lanes).Select(i => (i % lanes) + 7 + (((i % lanes) & ~31) | ((i + 1) & 31))), output.GetAsArray1D());
    }

    // Every kernel writes lane + offset + the next lane of the warp, wrapped.
    private static int Next(int lane) => Warp.Shuffle(lane, (Warp.LaneIdx + 1) & 31);

    private static int Place() => (Grid.IdxX * Group.DimX) + Group.IdxX;

    private static void ReferenceToView(ArrayView<int> output, int offset)
    {
        ref int mine = ref output[Place()];
        mine = Group.IdxX;
        Group.Barrier();
        mine += offset + Next(Group.IdxX);
    }

    private static void ReferenceToLocal(ArrayView<int> output, int offset)
    {
        int sum = Group.IdxX;
        ref int kept = ref sum;
        Group.Barrier();
        kept += offset;
        Group.Barrier();
        kept += Next(Group.IdxX);
        output[Place()] = sum;
    }

    private static void CompoundField(ArrayView<int> output, int offset)
    {
        Accumulator sum = default;
        sum.Value += Group.IdxX;
        sum.Value += Next(Group.IdxX) + offset;
        output[Place()] = sum.Value;
    }

    private static void Conditional(ArrayView<int> output, int offset)
    {
        int sum = Group.IdxX + (offset > 100 ? Next(offset) : Next(Group.IdxX) + offset);
        output[Place()] = offset < 0 ? Next(sum) : sum;
    }

    private static void SwitchInLoop(ArrayView<int> output, int offset)
    {
        int sum = 0;
        for (int i = 0; i < 4; i++)
        {
            switch (i)
            {
                case 0:
                    sum += Group.IdxX;
                    Group.Barrier();
                    break;
                case 1:
                    sum += Next(Group.IdxX);
                    break;
                case 2:
                    Warp.Barrier();
                    continue;
                default:
                    sum += Group.Broadcast(offset, 3);
                    break;
            }
        }

        output[Place()] = sum;
    }

    private static void OutParameter(ArrayView<int> output, int offset)
    {
        Split(Group.IdxX, out int next, out int same);
        output[Place()] = next + same + offset;
    }

    private static void Split(int lane, out int next, out int same)
    {
        same = lane;
        next = Next(lane);
        Group.Barrier();
    }

    private static void MutatingMethod(ArrayView<int> output, int offset)
    {
        Accumulator sum = default;
        sum.AddWithNext(Group.IdxX);
        sum.Value += offset;
        output[Place()] = sum.Value;
    }

    private static void ChangedArgument(ArrayView<int> output, int offset)
    {
        output = output.SubView(Place());
        offset += Group.IdxX;
        Group.Barrier();
        offset += Next(Group.IdxX);
        output[0] = offset;
    }

    private static void NestedCalls(ArrayView<int> output, int offset)
        => output[Place()] = Add(Add(Group.IdxX, Next(Next(Group.IdxX) - 1 - Group.IdxX == 0 ? Group.IdxX : Group.IdxX)), offset);

    private static int Add(int left, int right)
    {
        Group.Barrier();
        return left + right;
    }

    private static void SharedInLoop(ArrayView<int> output, int offset)
    {
        int sum = offset;
        for (int round = 0; round < 2; round++)
        {
            ArrayView<int> shared = SharedMemory.Allocate<int>(96);
            shared[Group.IdxX] = Group.IdxX;
            Group.Barrier();
            sum += shared[round == 0 ? Group.IdxX : (Group.IdxX & ~31) | ((Group.IdxX + 1) & 31)];
            Group.Barrier();
        }

        output[Place()] = sum;
    }

    private static void LocalMemoryKept(ArrayView<int> output, int offset)
    {
        ArrayView<int> local = LocalMemory.Allocate<int>(3);
        local[0] = Group.IdxX;
        Group.Barrier();
        local[1] = Next(local[0]);
        local[2] = offset;
        Group.Barrier();
        output[Place()] = local[0] + local[1] + local[2];
    }

    private static void ManyTypes(ArrayView<int> output, int offset)
    {
        byte small = (byte)Group.IdxX;
        long wide = offset * (1L << 40);
        double real = Group.IdxX * 0.25;
        Index1D index = Place();
        ILGPU.Half half = (ILGPU.Half)(float)Group.IdxX;
        bool flag = Group.IdxX > 50;
        Group.Barrier();
        int next = Next(Group.IdxX);
        bool right = small == Group.IdxX && real * 4 == (float)half && flag == small > 50;
        output[index] = right ? (int)(wide >> 40) + next + small : -1;
    }

    private static void ParameterThatChanges(ArrayView<int> output, int offset)
    {
        int lane = Group.IdxX;
        int doubled = Doubled(lane);
        output[Place()] = lane + offset + Next(doubled / 2);
    }

    private static int Doubled(int value)
    {
        value += value;
        Group.Barrier();
        return value;
    }

    private static void VariableThatChangesAfterItWasPassed(ArrayView<int> output, int offset)
    {
        int sum = 0;
        for (int i = 0; i < 2; i++)
        {
            sum = Sum(sum, sum = i == 0 ? Group.IdxX : Next(Group.IdxX));
        }

        output[Place()] = sum + offset;
    }

    private static int Sum(int before, int after)
    {
        Group.Barrier();
        return before + after;
    }

    private static void StructByReference(ArrayView<int> output, int offset)
    {
        Accumulator sum = new() { Value = Group.IdxX };
        int kept = Read(in sum);
        Change(ref sum, offset);
        output[Place()] = sum.Value + Next(kept);
    }

    private static int Read(in Accumulator sum)
    {
        Group.Barrier();
        return sum.Value;
    }

    private static void Change(ref Accumulator sum, int by)
    {
        Group.Barrier();
        sum.Value += by;
    }

    private struct Accumulator
    {
        public int Value;

        public void AddWithNext(int lane)
        {
            Value += lane;
            Group.Barrier();
            Value += Next(lane);
        }
    }
}
