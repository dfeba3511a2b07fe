using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;

namespace Winnow.Kernels.Rules.Tests.Samples;

/// <summary>How memory is reached, and which loads are of 16 bytes.</summary>
internal static class TranslatedMemory
{
    [Kernel("sample_wide_view", WideLoads = true)]
    public static void WideView(ArrayView<Words> input, ArrayView<int> output, int stride)
    {
        Words words = input[(long)Grid.GlobalIndex.X * stride];
        output[Grid.GlobalIndex.X] = words.X + words.Y + words.Z + words.W;
    }

    [Kernel("sample_wide_cast", WideLoads = true)]
    public static void WideCast(ArrayView<byte> input, ArrayView<int> output)
    {
        Words words = input.Cast<Words>()[Group.IdxX];
        output[Group.IdxX] = words.X ^ words.W;
    }

    [Kernel("sample_wide_longs", WideLoads = true)]
    public static void WideLongs(ArrayView<LongPair> input, ArrayView<long> output)
    {
        LongPair pair = input[Group.IdxX];
        output[Group.IdxX] = pair.First + pair.Second;
    }

    [Kernel("sample_wide_aligned", WideLoads = true)]
    public static void WideAligned(ArrayView<byte> input, ArrayView<int> output, int start)
    {
        Words words = input.SubView(start, 512).AsAligned(16).Cast<Words>()[Group.IdxX];
        output[Group.IdxX] = words.X ^ words.W;
    }

    [Kernel("sample_shared")]
    public static void Shared(ArrayView<Words> input, ArrayView<int> output)
    {
        ArrayView<Words> shared = SharedMemory.Allocate<Words>(64);
        ref int sum = ref SharedMemory.Allocate<int>();
        shared[Group.IdxX] = input[Group.IdxX];
        if (Group.IsFirstThread)
        {
            sum = 0;
        }

        Group.Barrier();
        Atomic.Add(ref sum, shared[63 - Group.IdxX].X);
        Group.Barrier();
        output[Group.IdxX] = sum;
    }

    [Kernel("sample_dynamic")]
    public static void Dynamic(ArrayView<int> input, ArrayView<float> output)
    {
        ArrayView<byte> shared = SharedMemory.GetDynamic<byte>();
        ArrayView<int> integers = shared.SubView(0, 256).Cast<int>();
        ArrayView<float> floats = shared.SubView(256, 256).Cast<float>();
        integers[Group.IdxX] = input[Group.IdxX];
        floats[Group.IdxX] = input[Group.IdxX];
        Group.Barrier();
        output[Group.IdxX] = integers[0] + floats[1] + shared.IntLength;
    }

    [Kernel("sample_local", LocalBytes = 32)]
    public static void Local(ArrayView<float> values, int count)
    {
        ArrayView<float> local = LocalMemory.Allocate<float>(8);
        for (int i = 0; i < 8; i++)
        {
            local[i] = values[i];
        }

        values[0] = local[count & 7];
    }

    [Kernel("sample_local_constant")]
    public static void LocalConstant(ArrayView<float> values)
    {
        ArrayView<float> local = LocalMemory.Allocate<float>(2);
        local[0] = values[0];
        local[1] = values[1];
        values[2] = local[0] + local[1];
    }

    internal struct LongPair
    {
        public long First;
        public long Second;
    }
}
