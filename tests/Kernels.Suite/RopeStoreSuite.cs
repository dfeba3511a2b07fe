using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>Bias, head norm, rotation and stores against the CPU backend's bits and against doubles.</summary>
public abstract class RopeStoreSuite : KernelSuite
{
    [KernelTheory]
    [InlineData(32, KvType.F32, RopeStyle.Halves)]
    [InlineData(64, KvType.F16, RopeStyle.Interleaved)]
    [InlineData(80, KvType.Q8_0, RopeStyle.Halves)]
    [InlineData(96, KvType.Q4_0, RopeStyle.Interleaved)]
    [InlineData(128, KvType.Q8_0, RopeStyle.Interleaved)]
    [InlineData(256, KvType.Q4_0, RopeStyle.Halves)]
    [InlineData(48, KvType.F16, RopeStyle.Halves)]
    [InlineData(2, KvType.Q4_0, RopeStyle.Halves)]
    public void Run_WithoutNorm_GivesTheBitsOfTheCpu(int headSize, KvType type, RopeStyle style)
    {
        AttentionSetup setup = new() { Heads = 4, KvHeads = 2, HeadSize = headSize, Type = type };
        RopeBlock rope = Rope(style, headSize);
        using RopeStoreCase sut = new(Accelerator, setup, rope) { QueryBias = Floats(1, 4 * headSize), ValueBias = Floats(2, 2 * headSize) };
        int[] positions = [0, 1, 255, 256, 3001];
        float[][] queries = Rows(10, 5, sut.QueryWidth);
        float[][] keys = Rows(20, 5, sut.KeyWidth);
        float[][] values = Rows(30, 5, sut.KeyWidth);

        float[][] rotated = sut.Run(positions, [0, 17, 63, 64, 72], queries, keys, values);

        for (int row = 0; row < 5; row++)
        {
            AssertSameBits(Rotated(rope, positions[row], Sum(queries[row], sut.QueryBias!), headSize), rotated[row], $"query {row}");
            float[] key = Rotated(rope, positions[row], keys[row], headSize);
            float[] value = Sum(values[row], sut.ValueBias!);
            for (int head = 0; head < 2; head++)
            {
                int slot = new[] { 0, 17, 63, 64, 72 }[row];
                AssertStored(type, key.AsSpan(head * headSize, headSize), sut.Key(slot, head), $"key {row}, head {head}");
                AssertStored(type, value.AsSpan(head * headSize, headSize), sut.Value(slot, head), $"value {row}, head {head}");
            }
        }
    }

    [KernelTheory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    [InlineData(KvType.Q4_0)]
    public void Run_EdgeValues_GivesTheBitsOfTheCpu(KvType type)
    {
        AttentionSetup setup = new() { Heads = 1, HeadSize = 64, Type = type };
        using RopeStoreCase sut = new(Accelerator, setup, Rope(RopeStyle.Halves, 2));
        float[] value = new float[64];
        float[] edges = [1e-8f, -6e-8f, 65519.99f, 65520f, -1e6f, 0.5f, 1.5f, 2.5f, -0.5f, 127f, -127f, 8f, -8f, 3.0517578e-5f, 6.1e-5f];
        edges.CopyTo(value, 32);

        sut.Run([0], [5], [value], [value], [value]);

        AssertStored(type, value, sut.Value(5, 0), "value");
        AssertSameBits(new float[32], sut.Value(5, 0)[..32].Select(x => x + 0f).ToArray(), "zeros");
    }

    [KernelFact]
    public void Run_Norms_MatchDoubles()
    {
        const int Size = 80;
        AttentionSetup setup = new() { Heads = 3, KvHeads = 1, HeadSize = Size, Type = KvType.F32 };
        RopeBlock rope = Rope(RopeStyle.Halves, 64);
        using RopeStoreCase sut = new(Accelerator, setup, rope) { KeyBias = Floats(3, Size), QueryNorm = Floats(4, Size), KeyNorm = Floats(5, Size) };
        float[][] queries = Rows(40, 2, 3 * Size);
        float[][] keys = Rows(50, 2, Size);

        float[][] rotated = sut.Run([7, 800], [1, 2], queries, keys, keys);

        for (int row = 0; row < 2; row++)
        {
            int position = row == 0 ? 7 : 800;
            for (int head = 0; head < 3; head++)
            {
                double[] expected = Normed(rope, position, queries[row].AsSpan(head * Size, Size), sut.QueryNorm!);
                AssertNear(expected, rotated[row].AsSpan(head * Size, Size), 2e-6, $"query {row}, head {head}");
            }
            AssertNear(Normed(rope, position, Sum(keys[row], sut.KeyBias!), sut.KeyNorm!), sut.Key(row + 1, 0).AsSpan(0, Size), 2e-6, $"key {row}");
        }
    }

    [KernelFact]
    public void Run_1To33Rows_GivesEachRowItsBitsAlone()
    {
        AttentionSetup setup = new() { Heads = 2, HeadSize = 64, Type = KvType.Q8_0 };
        RopeBlock rope = Rope(RopeStyle.Interleaved, 64);
        float[] norm = Floats(6, 64);
        float[][] queries = Rows(60, 33, 128);
        float[][] keys = Rows(70, 33, 64);
        using RopeStoreCase alone = new(Accelerator, setup, rope) { QueryNorm = norm, KeyNorm = norm };
        float[][] expected = [.. Enumerable.Range(0, 33).Select(i => alone.Run([i * 31], [i], [queries[i]], [keys[i]], [keys[i]])[0])];
        foreach (int count in new[] { 2, 3, 8, 17, 33 })
        {
            using RopeStoreCase sut = new(Accelerator, setup, rope) { QueryNorm = norm, KeyNorm = norm };
            int[] rows = [.. Enumerable.Range(33 - count, count)];

            float[][] rotated = sut.Run([.. rows.Select(i => i * 31)], rows, queries[^count..], keys[^count..], keys[^count..]);

            for (int i = 0; i < count; i++)
            {
                AssertSameBits(expected[rows[i]], rotated[i], $"row {i} of {count}");
            }
            AssertSameBits(alone.Key(32, 0), sut.Key(32, 0), "key");
            AssertSameBits(alone.Value(33 - count, 0), sut.Value(33 - count, 0), "value");
        }
    }

    [KernelFact]
    public void Run_NoRows_LaunchesNothing()
    {
        AttentionSetup setup = new();
        DeviceKvLayout layout = new(1, 1, 32, 16, 1, 0, KvType.F16);
        using DeviceKv kv = new(Accelerator, layout);
        using var floats = Accelerator.Allocate1D<float>(64);
        using var pass = Accelerator.Allocate1D<int>(1);
        GpuWorker.Kernels.RowsView rows = new(floats.View, 32, 32);

        new RopeStoreOp(Accelerator, layout, 1).Run(
            Stream, 0, pass.View, rows, rows, rows, default, 0, floats.View, Rope(RopeStyle.Halves, 32), kv.Layer(0));
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_ThrowsWithBoth()
    {
        DeviceKvLayout layout = new(1, 1, 32, 16, 1, 0, KvType.F16);
        using DeviceKv kv = new(Accelerator, layout);
        using var floats = Accelerator.Allocate1D<float>(64);
        using var pass = Accelerator.Allocate1D<int>(16);
        GpuWorker.Kernels.RowsView rows = new(floats.View, 32, 32);
        GpuWorker.Kernels.RowsView wide = new(floats.View, 64, 64);
        RopeStoreOp sut = new(Accelerator, layout, 1);

        Assert.Contains("'64'", Assert.Throws<ArgumentException>(() => Go(1, wide, 32)).Message);
        Assert.Contains("'32'", Assert.Throws<ArgumentException>(() => Go(1, rows, 64)).Message);
        Assert.Contains("'3'", Assert.Throws<ArgumentException>(() => Go(3, rows, 2)).Message);
        Assert.Contains("'5'", Assert.Throws<ArgumentException>(() => Go(1, rows, 32, new RopeStoreWeights { KeyBias = floats.View.BaseView.SubView(0, 5) })).Message);

        void Go(int count, GpuWorker.Kernels.RowsView queries, int dimensions, RopeStoreWeights weights = default) => sut.Run(
            Stream, count, pass.View, queries, rows, rows, weights, 0, floats.View, Rope(RopeStyle.Halves, dimensions), kv.Layer(0));
    }

    private static RopeBlock Rope(RopeStyle style, int dimensions) =>
        new() { Style = style, Dimensions = dimensions, Base = 10000, Factor = 4, Magnitude = 1.1f, OriginalContextTokens = 1024 };

    private static float[][] Rows(int seed, int count, int width) => [.. Enumerable.Range(0, count).Select(i => Floats(seed + i, width))];

    private static float[] Sum(float[] a, float[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static unsafe float[] Rotated(RopeBlock rope, int position, float[] heads, int headSize)
    {
        RopeTable table = new(rope, RopeStoreCase.Positions, []);
        float[] rotated = [.. heads];
        fixed (float* angles = new float[2 * table.Pairs])
        fixed (float* head = rotated)
        {
            table.Write(position, angles);
            for (int at = 0; at < heads.Length; at += headSize)
            {
                table.Rotate(head + at, angles);
            }
        }
        return rotated;
    }

    private static double[] Normed(RopeBlock rope, int position, ReadOnlySpan<float> head, float[] norm)
    {
        double square = 0;
        foreach (float x in head)
        {
            square += (double)x * x;
        }
        double factor = 1 / Math.Sqrt((square / head.Length) + RopeStoreCase.Epsilon);
        double[] result = new double[head.Length];
        for (int i = 0; i < head.Length; i++)
        {
            result[i] = head[i] * factor * norm[i];
        }
        int pairs = rope.Dimensions / 2;
        for (int i = 0; i < pairs; i++)
        {
            double angle = position / (double)rope.Factor * Math.Pow(rope.Base, -2.0 * i / rope.Dimensions);
            (double sin, double cos) = Math.SinCos(angle);
            (double x, double y) = (result[i], result[i + pairs]);
            result[i] = ((x * cos) - (y * sin)) * rope.Magnitude;
            result[i + pairs] = ((x * sin) + (y * cos)) * rope.Magnitude;
        }
        return result;
    }

    // Padding holds zeros.
    private static void AssertStored(KvType type, ReadOnlySpan<float> head, float[] stored, string what)
    {
        float[] expected = new float[stored.Length];
        KvReference.Stored(type, head).CopyTo(expected, 0);
        for (int i = 0; i < stored.Length; i++)
        {
            Assert.True(expected[i] == stored[i], $"{what}: element {i} is stored as {stored[i]:R}; the CPU stores {expected[i]:R}.");
        }
    }
}
