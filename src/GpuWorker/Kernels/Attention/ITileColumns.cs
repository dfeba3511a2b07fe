using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Columns of a head that a warp works on for 16 queries: the queries, as tensor cores take them, and the weighted values, all in registers. More columns
/// are two parts of fewer, so that every column has fields of its own. Layout of lanes: <see cref="TileScores"/>, with elements for keys.
/// </summary>
/// <typeparam name="TSelf">The implementation.</typeparam>
internal interface ITileColumns<TSelf>
    where TSelf : unmanaged, ITileColumns<TSelf>
{
    /// <summary>Columns, a multiple of 32.</summary>
    static abstract int Count { get; }

    /// <summary>Loads the queries; weighted values are 0.</summary>
    /// <param name="a">The launch.</param>
    /// <param name="low">Query g.</param>
    /// <param name="high">Query g + 8.</param>
    /// <param name="d">The first column.</param>
    static abstract TSelf Load(in AttentionArguments a, in TileRow low, in TileRow high, int d);

    /// <summary>Adds products of queries and keys, in order of columns.</summary>
    /// <param name="columns">The queries.</param>
    /// <param name="scores">What is added to.</param>
    /// <param name="stage">The keys.</param>
    /// <param name="block">The first column, by 32.</param>
    static abstract TileScores AddScores<TForm>(in TSelf columns, TileScores scores, in TileStage stage, int block)
        where TForm : unmanaged, ITileForm;

    /// <summary>The same of eight keys, 8n to 8n + 7.</summary>
    /// <param name="columns">The queries.</param>
    /// <param name="scores">What is added to.</param>
    /// <param name="stage">The keys; <see cref="TileStage.EightKeys"/> is n's.</param>
    /// <param name="n">Which keys.</param>
    /// <param name="block">The first column, by 32.</param>
    static abstract FloatQuad AddEightScores<TForm>(in TSelf columns, FloatQuad scores, in TileStage stage, int n, int block)
        where TForm : unmanaged, ITileForm;

    /// <summary>Adds weighted values, in order of keys.</summary>
    /// <param name="columns">What is added to.</param>
    /// <param name="weights">Weights.</param>
    /// <param name="split">The same, split; for forms without scales.</param>
    /// <param name="stage">The values.</param>
    /// <param name="block">The first column, by 32.</param>
    /// <param name="rowBytes">Bytes from a key's values to the next's.</param>
    static abstract TSelf AddValues<TForm>(
        TSelf columns, in TileScores weights, in TileWeights split, in TileStage stage, int block, int rowBytes)
        where TForm : unmanaged, ITileForm;

    /// <summary>Multiplies the weighted values of query g and of query g + 8.</summary>
    static abstract TSelf Multiply(TSelf columns, float low, float high);

    /// <summary>Keeps the weighted values and begins again at 0.</summary>
    /// <param name="columns">The values.</param>
    /// <param name="low">Where those of query g go.</param>
    /// <param name="high">Where those of query g + 8 go.</param>
    /// <param name="d">The first column.</param>
    static abstract TSelf Keep(TSelf columns, in TileKeep low, in TileKeep high, int d);
}
