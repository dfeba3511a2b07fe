using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>A warp's 16 queries and their results, of which every lane has its part.</summary>
/// <typeparam name="TColumns">A head's columns.</typeparam>
internal struct TileWarp<TColumns>
    where TColumns : unmanaged, ITileColumns<TColumns>
{
    private TColumns _columns;
    private TileRow _low;
    private TileRow _high;
    private int _first;
    private int _end;
    private int _firstWhole;
    private int _endWhole;

    /// <summary>Loads the queries of a warp; there may be none.</summary>
    /// <param name="a">The launch.</param>
    /// <param name="work">The group's work.</param>
    /// <param name="first">The warp's first query.</param>
    public static TileWarp<TColumns> Load(in AttentionArguments a, in WorkEntry work, int first)
    {
        int query = first + (Group.IdxX % Warp.WarpSize / 4);
        TileWarp<TColumns> warp = default;
        warp._low = TileRow.Size(TileRow.Find(a, work, query), a);
        warp._high = TileRow.Size(TileRow.Find(a, work, query + 8), a);
        warp._columns = TColumns.Load(a, warp._low, warp._high, 0);
        return FindRange(warp);
    }

    /// <summary>All columns of the queries of a warp that has few of the values'.</summary>
    public static TQueries LoadQueries<TQueries>(in TileWarp<TColumns> warp, in AttentionArguments a)
        where TQueries : unmanaged, ITileColumns<TQueries> =>
        TQueries.Load(a, warp._low, warp._high, 0);

    /// <summary>Makes a warp keep nothing.</summary>
    public static TileWarp<TColumns> Mute(TileWarp<TColumns> warp)
    {
        warp._low.Query = -1;
        warp._high.Query = -1;
        return warp;
    }

    /// <summary>Whether any query reads a key of a tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Reads(in TileWarp<TColumns> warp, int tile) =>
        (tile + 1) * TileKernels.TileTokens > warp._first && tile * TileKernels.TileTokens < warp._end;

    /// <summary>The products of the queries and the keys of a tile. All lanes of the warp come by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileScores Score<TForm>(in TileWarp<TColumns> warp, in TileStage stage)
        where TForm : unmanaged, ITileForm =>
        TColumns.AddScores<TForm>(warp._columns, default, stage, 0);

    /// <summary>Adds a tile whose products are known. All lanes of the warp come by.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="scores">The products.</param>
    /// <param name="a">The launch.</param>
    /// <param name="stage">The values.</param>
    /// <param name="tile">Which tile.</param>
    /// <param name="block">The warp's first column, by 32.</param>
    /// <param name="rowBytes">Bytes from a key's values to the next's.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileWarp<TColumns> Add<TForm>(
        TileWarp<TColumns> warp, TileScores scores, in AttentionArguments a, in TileStage stage, int tile, int block, int rowBytes)
        where TForm : unmanaged, ITileForm
    {
        int position = (tile * TileKernels.TileTokens) + (2 * (stage.Lane & 3));
        bool isWhole = position >= warp._firstWhole && (tile + 1) * TileKernels.TileTokens <= warp._endWhole;
        scores.N0 = Finish(scores.N0, a, warp, position, isWhole);
        scores.N1 = Finish(scores.N1, a, warp, position + 8, isWhole);
        scores.N2 = Finish(scores.N2, a, warp, position + 16, isWhole);
        scores.N3 = Finish(scores.N3, a, warp, position + 24, isWhole);
        FloatQuad largest = QuadMath.Max(QuadMath.Max(scores.N0, scores.N1), QuadMath.Max(scores.N2, scores.N3));
        float largestLow = TileRow.LargestOfFour(largest.Y > largest.X ? largest.Y : largest.X);
        float largestHigh = TileRow.LargestOfFour(largest.W > largest.Z ? largest.W : largest.Z);
        int low = TileRow.Raise(warp._low.Reference, largestLow, TForm.WeightBits);
        int high = TileRow.Raise(warp._high.Reference, largestHigh, TForm.WeightBits);
        if (low != warp._low.Reference || high != warp._high.Reference)
        {
            float factorLow = AttentionMath.PowerOfTwo(warp._low.Reference - low);
            float factorHigh = AttentionMath.PowerOfTwo(warp._high.Reference - high);
            warp._columns = TColumns.Multiply(warp._columns, factorLow, factorHigh);
            warp._low.Sum *= factorLow;
            warp._high.Sum *= factorHigh;
            warp._low.Reference = low;
            warp._high.Reference = high;
        }
        scores.N0 = Weigh(scores.N0, low, high);
        scores.N1 = Weigh(scores.N1, low, high);
        scores.N2 = Weigh(scores.N2, low, high);
        scores.N3 = Weigh(scores.N3, low, high);
        FloatQuad sum = QuadMath.Add(QuadMath.Add(scores.N0, scores.N1), QuadMath.Add(scores.N2, scores.N3));
        warp._low.Sum += sum.X + sum.Y;
        warp._high.Sum += sum.Z + sum.W;
        TileWeights split = TForm.HasScales ? default : TileWeights.Of(scores);
        warp._columns = TColumns.AddValues<TForm>(warp._columns, scores, split, stage, block, rowBytes);
        return warp;
    }

    /// <summary>Keeps what a split gave, and begins the next.</summary>
    /// <param name="warp">The warp.</param>
    /// <param name="a">The launch.</param>
    /// <param name="work">The group's work.</param>
    /// <param name="split">Which split.</param>
    /// <param name="column">The warp's first column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TileWarp<TColumns> EndSplit(TileWarp<TColumns> warp, in AttentionArguments a, in WorkEntry work, int split, int column)
    {
        warp._low.Sum = TileRow.SumOfFour(warp._low.Sum);
        warp._high.Sum = TileRow.SumOfFour(warp._high.Sum);
        TileKeep low = KeepOf(warp._low, a, work, split);
        TileKeep high = KeepOf(warp._high, a, work, split);
        warp._columns = TColumns.Keep(warp._columns, low, high, column);
        warp._low = EndRow(warp._low, a, work, split);
        warp._high = EndRow(warp._high, a, work, split);
        return warp;
    }

    /// <summary>Divides results, from the warp's first column on, by their sums of weights.</summary>
    public static void Divide(in TileWarp<TColumns> warp, in AttentionArguments a, int column)
    {
        Divide(warp._low, a, column);
        Divide(warp._high, a, column);
    }

    private static void Divide(in TileRow row, in AttentionArguments a, int column)
    {
        if (row.Query < 0)
        {
            return;
        }
        for (int d = column + (2 * (Group.IdxX & 3)); d < column + TColumns.Count; d += 8)
        {
            a.Output[row.Output + d] = a.Output[row.Output + d] / row.Total.Sum;
            a.Output[row.Output + d + 1] = a.Output[row.Output + d + 1] / row.Total.Sum;
        }
    }

    // Positions that any of the warp's queries reads, and those that all read.
    private static TileWarp<TColumns> FindRange(TileWarp<TColumns> warp)
    {
        bool isLow = warp._low.Query >= 0;
        bool isHigh = warp._high.Query >= 0;
        warp._first = Least(isLow ? warp._low.First : int.MaxValue, isHigh ? warp._high.First : int.MaxValue);
        warp._end = -Least(isLow ? -warp._low.Last - 1 : 0, isHigh ? -warp._high.Last - 1 : 0);
        warp._firstWhole = -Least(isLow ? -warp._low.First : 0, isHigh ? -warp._high.First : 0);
        warp._endWhole = Least(isLow ? warp._low.Last + 1 : int.MaxValue, isHigh ? warp._high.Last + 1 : int.MaxValue);
        return warp;
    }

    private static int Least(int x, int y)
    {
        x = y < x ? y : x;
        for (int lanes = 4; lanes < Warp.WarpSize; lanes *= 2)
        {
            y = Warp.ShuffleXor(x, lanes);
            x = y < x ? y : x;
        }
        return x;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Finish(FloatQuad s, in AttentionArguments a, in TileWarp<TColumns> warp, int position, bool isWhole)
    {
        s = new FloatQuad(s.X * warp._low.Down, s.Y * warp._low.Down, s.Z * warp._high.Down, s.W * warp._high.Down);
        if (a.CapScale != 0f)
        {
            s = new FloatQuad(Cap(s.X, a), Cap(s.Y, a), Cap(s.Z, a), Cap(s.W, a));
        }
        return isWhole ? s : new FloatQuad(
            Mask(s.X, warp._low, position), Mask(s.Y, warp._low, position + 1), Mask(s.Z, warp._high, position), Mask(s.W, warp._high, position + 1));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Cap(float score, in AttentionArguments a) => KernelMath.Tanh(score) * a.CapScale;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static float Mask(float score, in TileRow row, int position) =>
        position < row.First || position > row.Last ? float.NegativeInfinity : score;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static FloatQuad Weigh(FloatQuad s, int low, int high) => new(
        TileMath.Exp2(s.X - low), TileMath.Exp2(s.Y - low), TileMath.Exp2(s.Z - high), TileMath.Exp2(s.W - high));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileKeep KeepOf(in TileRow row, in AttentionArguments a, in WorkEntry work, int split)
    {
        TileKeep keep = default;
        keep.Values = work.IsPartial != 0 ? a.PartialValues : a.Output;
        keep.At = work.IsPartial != 0 ? (row.Partial + (split * a.Heads)) * a.HeadSize : row.Output;
        keep.At = row.Query < 0 || row.Reference == AttentionMath.NoReference ? -1 : keep.At;
        keep.Before = row.Total.Reference;
        keep.Reference = row.Reference;
        return keep;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TileRow EndRow(TileRow row, in AttentionArguments a, in WorkEntry work, int split)
    {
        if (row.Query >= 0 && row.Reference != AttentionMath.NoReference)
        {
            PartialSum next = default;
            next.Reference = row.Reference;
            next.Sum = row.Sum;
            row.Total = row.Total.Reference == AttentionMath.NoReference ? next : AttentionKernels.Join(row.Total, next);
            if (work.IsPartial != 0 && (Group.IdxX & 3) == 0)
            {
                a.PartialSums[row.Partial + (split * a.Heads)] = next;
            }
        }
        row.Sum = 0f;
        row.Reference = AttentionMath.NoReference;
        return row;
    }
}
