using ILGPU;
using ILGPU.Runtime.Cuda;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>What threads of a group do together, and inline PTX.</summary>
internal static class TranslatedGroups
{
    [Kernel("sample_shuffles")]
    public static void Shuffles(ArrayView<float> floats, ArrayView<long> longs, ArrayView<Words> words)
    {
        float sum = floats[Group.IdxX];
        for (int mask = Warp.WarpSize / 2; mask > 0; mask /= 2)
        {
            sum += Warp.ShuffleXor(sum, mask);
        }

        sum += Warp.Shuffle(sum, 3) + Warp.ShuffleDown(sum, 1) + Warp.ShuffleUp(sum, 1, 8) + Warp.Broadcast(sum, 2);
        floats[Group.IdxX] = sum;
        longs[Group.IdxX] = Warp.ShuffleXor(longs[Group.IdxX], 1);
        words[Group.IdxX] = Warp.ShuffleXor(words[Group.IdxX], 1);
        Warp.Barrier();
    }

    [Kernel("sample_votes")]
    public static void Votes(ArrayView<int> values)
    {
        int value = values[Group.IdxX];
        int sum = Group.Broadcast(value, 2);
        Group.Barrier();
        sum += Group.BarrierPopCount(value > 1) + (Group.BarrierAnd(value > 1) ? 1 : 0) + (Group.BarrierOr(value > 1) ? 1 : 0);
        MemoryFence.DeviceLevel();
        MemoryFence.GroupLevel();
        values[Grid.GlobalIndex.X] = sum + Group.LinearIndex + Grid.IdxY + Group.DimZ + Warp.LaneIdx + Warp.WarpIdx + Grid.Dimension.Y;
    }

    [Kernel("sample_atomics")]
    public static void Atomics(ArrayView<int> i32, ArrayView<uint> u32, ArrayView<long> i64, ArrayView<float> f32)
    {
        Atomic.Add(ref i32[0], 1);
        Atomic.Max(ref i32[1], 3);
        Atomic.And(ref i32[2], 1);
        Atomic.Or(ref i32[3], 1);
        Atomic.Xor(ref i32[4], 1);
        Atomic.Exchange(ref i32[5], 2);
        Atomic.CompareExchange(ref i32[6], 1, 2);
        Atomic.Min(ref u32[0], 3u);
        Atomic.Add(ref i64[0], 1L);
        Atomic.Add(ref f32[0], 1f);
    }

    [Kernel("sample_dp4a")]
    public static void Dp4a(ArrayView<int> values, int count)
    {
        int sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum = Dot(values[i], values[i + 1], sum);
        }

        values[0] = sum;
    }

    [Kernel("sample_mma")]
    public static void Mma(ArrayView<uint> bits, ArrayView<float> sums)
    {
        Input<uint> a0 = bits[0];
        Input<uint> a1 = bits[1];
        Input<uint> b0 = bits[4];
        Ref<float> c0 = sums[0];
        Ref<float> c1 = sums[1];
        Ref<float> c2 = sums[2];
        Ref<float> c3 = sums[3];
        CudaAsm.EmitRef(
            "mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};",
            ref c0, ref c1, ref c2, ref c3, ref a0, ref a1, ref b0);
        sums[0] = c0.Value + c1.Value + c2.Value + c3.Value;
    }

    private static int Dot(int left, int right, int sum)
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("dp4a.s32.s32 %0, %1, %2, %3;", out int result, left, right, sum);
            return result;
        }

        return sum + ((sbyte)left * (sbyte)right) + ((sbyte)(left >> 8) * (sbyte)(right >> 8))
            + ((sbyte)(left >> 16) * (sbyte)(right >> 16)) + ((left >> 24) * (right >> 24));
    }
}
