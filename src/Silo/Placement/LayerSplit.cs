namespace Winnow.Silo.Placement;

/// <summary>A layer range.</summary>
/// <param name="First">First layer, inclusive.</param>
/// <param name="Last">Last layer, exclusive.</param>
public readonly record struct LayerRange(int First, int Last)
{
    /// <summary>Layers in the range.</summary>
    public int Count => Last - First;
}

/// <summary>Cuts a model into consecutive layer ranges so that the slowest shard is as fast as it can be.</summary>
/// <remarks>
/// Exact, by dynamic programming over (shards, layers): O(shards x layers^2), which is milliseconds for any model. Among equal cuts the one with
/// the later ranges shorter wins, since the last shard also samples.
/// </remarks>
public static class LayerSplit
{
    /// <summary>Cuts the layers, or answers <see langword="null"/> when no cut fits.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <param name="shards">Ranges to make, at most one per layer.</param>
    /// <param name="cost">
    /// Cost of a range on the shard at a position, for example bytes read per token over the worker's speed; infinite when it does not fit.
    /// </param>
    public static IReadOnlyList<LayerRange>? Cut(int layers, int shards, Func<int, LayerRange, double> cost)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(shards, 1);
        if (shards > layers)
        {
            return null;
        }
        double[,] best = new double[shards + 1, layers + 1];
        int[,] begin = new int[shards + 1, layers + 1];
        for (int end = 1; end <= layers; end++)
        {
            best[0, end] = double.PositiveInfinity;
        }
        for (int shard = 1; shard <= shards; shard++)
        {
            Extend(shard, layers, cost, best, begin);
        }
        return double.IsPositiveInfinity(best[shards, layers]) ? null : Collect(shards, layers, begin);
    }

    /// <summary>Best cut of the first layers into one range more.</summary>
    private static void Extend(int shard, int layers, Func<int, LayerRange, double> cost, double[,] best, int[,] begin)
    {
        for (int end = 0; end <= layers; end++)
        {
            best[shard, end] = double.PositiveInfinity;
            for (int first = shard - 1; first < end; first++)
            {
                double slowest = Math.Max(best[shard - 1, first], cost(shard - 1, new LayerRange(first, end)));
                if (slowest <= best[shard, end] && !double.IsPositiveInfinity(slowest))
                {
                    best[shard, end] = slowest;
                    begin[shard, end] = first;
                }
            }
        }
    }

    private static LayerRange[] Collect(int shards, int layers, int[,] begin)
    {
        LayerRange[] ranges = new LayerRange[shards];
        int end = layers;
        for (int shard = shards; shard >= 1; shard--)
        {
            int first = begin[shard, end];
            ranges[shard - 1] = new LayerRange(first, end);
            end = first;
        }
        return ranges;
    }
}
