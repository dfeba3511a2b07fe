using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>Groups wait at barriers as on a GPU: in loops, in callees, with anything on the evaluation stack.</summary>
public sealed class BarrierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(256)]
    [InlineData(1024)]
    public void Barrier_TreeReductionInALoop_SumsTheGroup(int groupSize)
    {
        using Devices devices = Devices.Create();
        const int groups = 5;
        using var input = devices.Accelerator.Allocate1D([.. Enumerable.Range(0, groups * groupSize)]);
        using var output = devices.Accelerator.Allocate1D<int>(groups);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>, ArrayView<int>>(Reduce);

        launch((groups, groupSize), input.View, output.View);

        Assert.Equal(Enumerable.Range(0, groups).Select(g => Enumerable.Range(g * groupSize, groupSize).Sum()), output.GetAsArray1D());
    }

    [Fact]
    public void Barrier_InNestedCallees_KeepsTheirLocals()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(64);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(Nested);

        launch((1, 64), output.View);

        Assert.Equal(Enumerable.Range(0, 64).Select(i => (i * 1000) + 100 + ((i + 1) % 64) + ((i + 2) % 64)), output.GetAsArray1D());
    }

    [Theory]
    [InlineData(0, 0, false, false)]
    [InlineData(3, 3, false, true)]
    [InlineData(48, 48, true, true)]
    public void PredicatedBarriers_CountAndOr_SeeAllLanes(int limit, int count, bool all, bool any)
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(48);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>, int>(Predicates);

        launch((1, 48), output.View, limit);

        Assert.All(output.GetAsArray1D(), seen => Assert.Equal(count + (all ? 1000 : 0) + (any ? 10000 : 0), seen));
    }

    [Fact]
    public void Barrier_AddressOfALocalOnTheStack_StaysValid()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(32);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(FieldOfLocal);

        launch((1, 32), output.View);

        Assert.Equal(Enumerable.Range(0, 32).Select(i => i + 31 + 5), output.GetAsArray1D());
    }

    [Fact]
    public void Kernel_ThatLacksABarrier_IsWrongInOneOrderOfLanes()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<int>(64);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<int>>(LacksABarrier);

        launch((2, 32), output.View);

        Assert.Contains(output.GetAsArray1D(), value => value != 7);
    }

    private static void LacksABarrier(ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(1);
        if (Group.IdxX == 0)
        {
            shared[0] = 7;
        }

        output[Grid.GlobalIndex.X] = shared[0];
        Group.Barrier();
    }

    private static void Reduce(ArrayView<int> input, ArrayView<int> output)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(1024);
        int lane = Group.IdxX;
        shared[lane] = input[(Grid.IdxX * Group.DimX) + lane];
        Group.Barrier();
        for (int width = 512; width > 0; width /= 2)
        {
            if (lane < width && lane + width < Group.DimX)
            {
                shared[lane] += shared[lane + width];
            }

            Group.Barrier();
        }

        if (lane == 0)
        {
            output[Grid.IdxX] = shared[0];
        }
    }

    private static void Nested(ArrayView<int> output)
    {
        int lane = Group.IdxX;
        int kept = lane * 1000;
        output[lane] = kept + Outer(lane, 100);
    }

    private static int Outer(int lane, int extra)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(64);
        shared[lane] = lane;
        Group.Barrier();
        return extra + Inner(shared, lane + 1) + Inner(shared, lane + 2);
    }

    private static int Inner(ArrayView<int> shared, int from)
    {
        int wrapped = from % 64;
        Group.Barrier();
        return shared[wrapped];
    }

    private static void Predicates(ArrayView<int> output, int limit)
    {
        int count = Group.BarrierPopCount(Group.IdxX < limit);
        bool all = Group.BarrierAnd(Group.IdxX < limit);
        output[Group.IdxX] = count + (all ? 1000 : 0) + (Group.BarrierOr(Group.IdxX < limit) ? 10000 : 0);
    }

    private static void FieldOfLocal(ArrayView<int> output)
    {
        Pair pair = new() { First = Group.IdxX, Second = 5 };
        pair.First += Group.Broadcast(Group.IdxX, 31);
        pair.Second += 0;
        output[Group.IdxX] = pair.First + pair.Second;
    }

    private struct Pair
    {
        public int First;
        public int Second;
    }
}
