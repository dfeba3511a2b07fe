using Winnow.Inference.Cache;
using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Names what decides a shard's bits.</summary>
public static class ShardNumerics
{
    private const string KvMark = "-kv-";

    /// <summary>The <see cref="ModelFile.ContentHash"/> in a shard's id, whatever computes it; empty when the id has none.</summary>
    /// <param name="numerics">As <see cref="IShard.Numerics"/> gives it.</param>
    public static string ContentOf(string numerics)
    {
        int end = numerics.LastIndexOf(KvMark, StringComparison.Ordinal);
        int start = end > 0 ? numerics.LastIndexOf('-', end - 1) : -1;
        return start < 0 ? "" : numerics[(start + 1)..end];
    }

    /// <summary>The id of a shard; see <see cref="IShard.Numerics"/>.</summary>
    internal static string IdOf(IComputeBackend backend, ModelFile file, ModelConfiguration model, ShardSpec spec, KvType kvType)
    {
        // A model that rotates otherwise in long contexts computes otherwise there.
        bool rotatesLong = model.LayerBlocks.Any(
            block => GraphTensors.RopeDivisors(file, block.Attention.Rope, spec.ContextTokens) == GraphTensors.RopeLong);
        string suffix = rotatesLong ? "-rope-long" : "";
        return $"{backend.Name}-{backend.KernelVersion}-{file.ContentHash}{KvMark}{KvTypes.NameOf(kvType)}{suffix}";
    }
}
