using Winnow.Inference.Cache;
using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Names what decides a shard's bits.</summary>
internal static class ShardNumerics
{
    /// <summary>The id of a shard; see <see cref="IShard.Numerics"/>.</summary>
    public static string IdOf(IComputeBackend backend, ModelFile file, ModelConfiguration model, ShardSpec spec, KvType kvType)
    {
        // A model that rotates otherwise in long contexts computes otherwise there.
        bool rotatesLong = model.LayerBlocks.Any(
            block => GraphTensors.RopeDivisors(file, block.Attention.Rope, spec.ContextTokens) == GraphTensors.RopeLong);
        string suffix = rotatesLong ? "-rope-long" : "";
        return $"{backend.Name}-{backend.KernelVersion}-{file.ContentHash}-kv-{KvTypes.NameOf(kvType)}{suffix}";
    }
}
