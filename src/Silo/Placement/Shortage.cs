using System.Globalization;
using Winnow.Contracts.Grains;
using Winnow.Inference.Graph;

namespace Winnow.Silo.Placement;

/// <summary>Says what is missing where a model does not fit.</summary>
internal static class Shortage
{
    /// <summary>One line for people: what is needed, what is there, and how many bytes are missing.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="target">Size of the target.</param>
    /// <param name="needs">What its ranges take.</param>
    /// <param name="sizes">KV blocks needed.</param>
    /// <param name="able">Workers there are for shards.</param>
    public static string Describe(ModelDefinition model, ModelFootprint target, ShardNeeds needs, PlanSizes sizes, IReadOnlyList<PlanWorker> able)
    {
        int hosts = Math.Min(model.Shards, able.Count);
        PlanWorker[] best = [.. able.OrderByDescending(w => w.FreeBytes).Take(hosts)];
        long memory = best.Sum(w => Math.Max(0, w.FreeBytes));
        long weights = target.WeightBytes(0, target.Configuration.Layers);
        long blocks = MostBlocks(needs, best);
        if (blocks > 0)
        {
            return string.Create(CultureInfo.InvariantCulture,
                $"Model '{model.Name}' leaves room for '{blocks}' KV blocks beside its weights; {sizes.NeededBlocks} are needed "
                + $"({sizes.ContextTokens} tokens of context in blocks of {model.KvBlockTokens}); {Missing(needs, best, sizes.NeededBlocks)} bytes are missing on each "
                + $"worker; lower ContextTokens or KvBlocks, use more shards, or larger workers.");
        }
        return string.Create(CultureInfo.InvariantCulture,
            $"Model '{model.Name}' with '{weights}' bytes of weights does not fit its {model.Shards} shards on workers with {memory} bytes together; "
            + $"{Missing(needs, best, sizes.NeededBlocks)} bytes are missing on each, with {sizes.NeededBlocks} KV blocks; use more shards or larger workers.");
    }

    /// <summary>The most KV blocks with which the model fits, 0 for none.</summary>
    private static long MostBlocks(ShardNeeds needs, PlanWorker[] workers)
    {
        long low = 0;
        long high = 1L << 24;
        while (low < high)
        {
            long middle = (low + high + 1) / 2;
            (low, high) = Fits(needs, workers, middle, 0) ? (middle, high) : (low, middle - 1);
        }
        return low;
    }

    /// <summary>The least number of bytes that makes the model fit when every worker has so many more.</summary>
    private static long Missing(ShardNeeds needs, PlanWorker[] workers, long blocks)
    {
        long low = 0;
        long high = needs.Bytes(new LayerRange(0, needs.Layers), workers[0], blocks);
        while (low < high)
        {
            long middle = low + ((high - low) / 2);
            (low, high) = Fits(needs, workers, blocks, middle) ? (low, middle) : (middle + 1, high);
        }
        return low;
    }

    /// <summary>Whether the layers fit on these workers in this order.</summary>
    private static bool Fits(ShardNeeds needs, PlanWorker[] workers, long blocks, long more) =>
        LayerSplit.Cut(needs.Layers, workers.Length, (shard, range) =>
            (Int128)needs.Bytes(range, workers[shard], blocks) > (Int128)workers[shard].FreeBytes + more ? double.PositiveInfinity : 0) is not null;
}
