using ILGPU;
using ILGPU.Runtime;

namespace Winnow.Lite.Ilgpu.Tests;

/// <summary>Shuffles see the values that the lanes of a warp had, wherever in an expression they stand.</summary>
public sealed class WarpTests
{
    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(32)]
    [InlineData(64)]
    public void ShuffleDown_Reduction_SumsEachWarp(int warpSize)
    {
        using Devices devices = Devices.Create(warpSize, 1024 / warpSize);
        using var output = devices.Accelerator.Allocate1D<float>(1024 / warpSize);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<float>>(WarpSums);

        launch((1, 1024), output.View);

        Assert.Equal(Enumerable.Range(0, 1024 / warpSize).Select(w => (float)Enumerable.Range(w * warpSize, warpSize).Sum()), output.GetAsArray1D());
    }

    [Fact]
    public void Shuffles_OfEveryKindInOneExpression_AreRight()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<long>(64);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<long>>(Expression);

        launch((1, 64), output.View);

        Assert.Equal(Enumerable.Range(0, 64).Select(Expected), output.GetAsArray1D());

        static long Expected(int linear)
        {
            int lane = linear % 32;
            int start = linear - lane;
            long down = start + (lane + 3 < 32 ? lane + 3 : lane);
            long up = start + (lane - 3 >= 0 ? lane - 3 : lane);
            return linear + (10 * down) + (100 * up) + (1000 * (start + (lane ^ 5))) + (10000 * (start + 7)) + (100000L * (start + (lane / 8 * 8) + ((lane % 8) ^ 1)));
        }
    }

    [Fact]
    public void Shuffle_StructOfTwoDoubles_ArrivesWhole()
    {
        using Devices devices = Devices.Create();
        using var output = devices.Accelerator.Allocate1D<double>(32);
        var launch = devices.Accelerator.LoadStreamKernel<ArrayView<double>>(OfStruct);

        launch((1, 32), output.View);

        Assert.Equal(Enumerable.Range(0, 32).Select(i => ((i ^ 1) * 0.5) + ((i ^ 1) * 100)), output.GetAsArray1D());
    }

    private static void WarpSums(ArrayView<float> output)
    {
        float sum = Group.IdxX;
        for (int delta = Warp.WarpSize / 2; delta > 0; delta /= 2)
        {
            sum += Warp.ShuffleDown(sum, delta);
        }

        if (Warp.IsFirstLane)
        {
            output[Warp.WarpIdx] = sum;
        }
    }

    private static void Expression(ArrayView<long> output)
    {
        long mine = Group.LinearIndex;
        output[Group.LinearIndex] = mine + (10 * Warp.ShuffleDown(mine, 3)) + (100 * Warp.ShuffleUp(mine, 3)) + (1000 * Warp.ShuffleXor(mine, 5))
            + (10000 * Warp.Broadcast(mine, 7)) + (100000 * Warp.ShuffleXor(mine, 1, 8));
    }

    private static void OfStruct(ArrayView<double> output)
    {
        Two mine = new() { First = Group.IdxX * 0.5, Second = Group.IdxX * 100 };
        Two other = Warp.ShuffleXor(mine, 1);
        output[Group.IdxX] = other.First + other.Second;
    }

    private struct Two
    {
        public double First;
        public double Second;
    }
}
