using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>32 columns: a block of stored forms with scales, two steps of the queries' products, four of the values' columns of eight.</summary>
internal struct TileBlock : ITileColumns<TileBlock>
{
    // Bytes of 32 keys of one octet.
    private const int OctetBytes = 512;

    private Quad _high0;
    private Quad _low0;
    private Quad _high1;
    private Quad _low1;
    private Octet _v0;
    private Octet _v1;

    /// <inheritdoc/>
    public static int Count => DeviceKvLayout.BlockElements;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileBlock Load(in AttentionArguments a, in TileRow low, in TileRow high, int d)
    {
        d += 2 * (Group.IdxX & 3);
        FloatQuad first = Elements(a, low, high, d);
        FloatQuad second = Elements(a, low, high, d + 8);
        FloatQuad third = Elements(a, low, high, d + 16);
        FloatQuad fourth = Elements(a, low, high, d + 24);
        TileScores elements = default;
        elements.N0 = first;
        elements.N1 = second;
        elements.N2 = third;
        elements.N3 = fourth;
        TileWeights split = TileWeights.Of(elements);
        TileBlock block = default;
        block._high0 = split.High0;
        block._low0 = split.Low0;
        block._high1 = split.High1;
        block._low1 = split.Low1;
        return block;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileScores AddScores<TForm>(in TileBlock columns, TileScores scores, in TileStage stage, int block)
        where TForm : unmanaged, ITileForm
    {
        int keys = stage.Keys + (block * 4 * OctetBytes);
        TileScores sums = TForm.HasScales ? default : scores;
        sums = TileProducts.AddKeys(sums, columns._high0, columns._low0, keys);
        sums = TileProducts.AddKeys(sums, columns._high1, columns._low1, keys + (2 * OctetBytes));
        if (!TForm.HasScales)
        {
            return sums;
        }
        int scale = (block * DeviceKvLayout.BlockElements) + (2 * (stage.Lane & 3));
        scores.N0 = AddScaled(scores.N0, sums.N0, stage.Scales, scale);
        scores.N1 = AddScaled(scores.N1, sums.N1, stage.Scales, scale + 8);
        scores.N2 = AddScaled(scores.N2, sums.N2, stage.Scales, scale + 16);
        scores.N3 = AddScaled(scores.N3, sums.N3, stage.Scales, scale + 24);
        return scores;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad AddEightScores<TForm>(in TileBlock columns, FloatQuad scores, in TileStage stage, int n, int block)
        where TForm : unmanaged, ITileForm
    {
        TileWeights queries = default;
        queries.High0 = columns._high0;
        queries.Low0 = columns._low0;
        queries.High1 = columns._high1;
        queries.Low1 = columns._low1;
        FloatQuad sums = TileProducts.AddEightKeys(TForm.HasScales ? default : scores, queries, stage.EightKeys + (block * 4 * OctetBytes));
        return TForm.HasScales
            ? AddScaled(scores, sums, stage.Scales, (block * DeviceKvLayout.BlockElements) + (8 * n) + (2 * (stage.Lane & 3)))
            : sums;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileBlock AddValues<TForm>(
        TileBlock columns, in TileScores weights, in TileWeights split, in TileStage stage, int block, int rowBytes)
        where TForm : unmanaged, ITileForm
    {
        TileWeights used = TForm.HasScales ? TileWeights.Of(Scale(weights, stage, block)) : split;
        int swizzled = (4 * block ^ (stage.Lane & 4)) + ((stage.Lane >> 4) ^ (stage.Lane & 3));
        int first = stage.Values + (swizzled * 16);
        int second = stage.Values + ((swizzled ^ 2) * 16);
        columns._v0 = TileProducts.AddValues(columns._v0, used.High0, used.Low0, first);
        columns._v1 = TileProducts.AddValues(columns._v1, used.High0, used.Low0, second);
        columns._v0 = TileProducts.AddValues(columns._v0, used.High1, used.Low1, first + (16 * rowBytes));
        columns._v1 = TileProducts.AddValues(columns._v1, used.High1, used.Low1, second + (16 * rowBytes));
        return columns;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileBlock Multiply(TileBlock columns, float low, float high)
    {
        columns._v0 = new Octet(Multiply(columns._v0.Low, low, high), Multiply(columns._v0.High, low, high));
        columns._v1 = new Octet(Multiply(columns._v1.Low, low, high), Multiply(columns._v1.High, low, high));
        return columns;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileBlock Keep(TileBlock columns, in TileKeep low, in TileKeep high, int d)
    {
        d += 2 * (Group.IdxX & 3);
        TileKeep.Store(low, d, columns._v0.Low.X, columns._v0.Low.Y);
        TileKeep.Store(low, d + 8, columns._v0.High.X, columns._v0.High.Y);
        TileKeep.Store(low, d + 16, columns._v1.Low.X, columns._v1.Low.Y);
        TileKeep.Store(low, d + 24, columns._v1.High.X, columns._v1.High.Y);
        TileKeep.Store(high, d, columns._v0.Low.Z, columns._v0.Low.W);
        TileKeep.Store(high, d + 8, columns._v0.High.Z, columns._v0.High.W);
        TileKeep.Store(high, d + 16, columns._v1.Low.Z, columns._v1.Low.W);
        TileKeep.Store(high, d + 24, columns._v1.High.Z, columns._v1.High.W);
        columns._v0 = default;
        columns._v1 = default;
        return columns;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Elements(in AttentionArguments a, in TileRow low, in TileRow high, int d) => new(
        TileRow.Element(low, a, d), TileRow.Element(low, a, d + 1), TileRow.Element(high, a, d), TileRow.Element(high, a, d + 1));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad AddScaled(FloatQuad scores, in FloatQuad sums, ArrayView<float> scales, int at)
    {
        float first = scales[at];
        float second = scales[at + 1];
        return new FloatQuad(
            CudaMath.Fma(sums.X, first, scores.X), CudaMath.Fma(sums.Y, second, scores.Y),
            CudaMath.Fma(sums.Z, first, scores.Z), CudaMath.Fma(sums.W, second, scores.W));
    }

    // Weights times the scales of the block's values.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileScores Scale(TileScores weights, in TileStage stage, int block)
    {
        int at = (int)(stage.Scales.Length / 2) + (block * DeviceKvLayout.BlockElements) + (2 * (stage.Lane & 3));
        weights.N0 = Scale(weights.N0, stage.Scales, at);
        weights.N1 = Scale(weights.N1, stage.Scales, at + 8);
        weights.N2 = Scale(weights.N2, stage.Scales, at + 16);
        weights.N3 = Scale(weights.N3, stage.Scales, at + 24);
        return weights;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Scale(FloatQuad weights, ArrayView<float> scales, int at)
    {
        float first = scales[at];
        float second = scales[at + 1];
        return new FloatQuad(
            TileMath.Multiply(weights.X, first), TileMath.Multiply(weights.Y, second),
            TileMath.Multiply(weights.Z, first), TileMath.Multiply(weights.W, second));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Multiply(FloatQuad x, float low, float high) => new(x.X * low, x.Y * low, x.Z * high, x.W * high);
}
