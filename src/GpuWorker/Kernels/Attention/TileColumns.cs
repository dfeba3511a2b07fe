using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Columns of two parts.</summary>
/// <typeparam name="TLow">The first columns.</typeparam>
/// <typeparam name="THigh">Those after them.</typeparam>
internal struct TileColumns<TLow, THigh> : ITileColumns<TileColumns<TLow, THigh>>
    where TLow : unmanaged, ITileColumns<TLow>
    where THigh : unmanaged, ITileColumns<THigh>
{
    private TLow _low;
    private THigh _high;

    /// <inheritdoc/>
    public static int Count => TLow.Count + THigh.Count;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileColumns<TLow, THigh> Load(in AttentionArguments a, in TileRow low, in TileRow high, int d)
    {
        TileColumns<TLow, THigh> columns = default;
        columns._low = TLow.Load(a, low, high, d);
        columns._high = THigh.Load(a, low, high, d + TLow.Count);
        return columns;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileScores AddScores<TForm>(in TileColumns<TLow, THigh> columns, TileScores scores, in TileStage stage, int block)
        where TForm : unmanaged, ITileForm
    {
        scores = TLow.AddScores<TForm>(columns._low, scores, stage, block);
        return THigh.AddScores<TForm>(columns._high, scores, stage, block + (TLow.Count / DeviceKvLayout.BlockElements));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad AddEightScores<TForm>(in TileColumns<TLow, THigh> columns, FloatQuad scores, in TileStage stage, int n, int block)
        where TForm : unmanaged, ITileForm
    {
        scores = TLow.AddEightScores<TForm>(columns._low, scores, stage, n, block);
        return THigh.AddEightScores<TForm>(columns._high, scores, stage, n, block + (TLow.Count / DeviceKvLayout.BlockElements));
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileColumns<TLow, THigh> AddValues<TForm>(
        TileColumns<TLow, THigh> columns, in TileScores weights, in TileWeights split, in TileStage stage, int block, int rowBytes)
        where TForm : unmanaged, ITileForm
    {
        columns._low = TLow.AddValues<TForm>(columns._low, weights, split, stage, block, rowBytes);
        int next = block + (TLow.Count / DeviceKvLayout.BlockElements);
        columns._high = THigh.AddValues<TForm>(columns._high, weights, split, stage, next, rowBytes);
        return columns;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileColumns<TLow, THigh> Multiply(TileColumns<TLow, THigh> columns, float low, float high)
    {
        columns._low = TLow.Multiply(columns._low, low, high);
        columns._high = THigh.Multiply(columns._high, low, high);
        return columns;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileColumns<TLow, THigh> Keep(TileColumns<TLow, THigh> columns, in TileKeep low, in TileKeep high, int d)
    {
        columns._low = TLow.Keep(columns._low, low, high, d);
        columns._high = THigh.Keep(columns._high, low, high, d + TLow.Count);
        return columns;
    }
}
