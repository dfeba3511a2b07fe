using Winnow.Inference.Execution;
using Winnow.Inference.Graph;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>Checks that shards make up one model, and gives its sizes.</summary>
internal static class PipelineShapes
{
    /// <summary>The shape of a pipeline of these shards.</summary>
    /// <exception cref="ArgumentException">The shards do not make up one model.</exception>
    public static PipelineShape Of(IReadOnlyList<ShardEngine> engines, long epoch)
    {
        int layer = 0;
        var numerics = new string[engines.Count];
        var processes = new int[engines.Count];
        for (int i = 0; i < engines.Count; i++)
        {
            ShardSpec spec = engines[i].Spec;
            if (spec.FirstLayer != layer || spec.BlockCount != engines[0].Spec.BlockCount || spec.BlockTokens != engines[0].Spec.BlockTokens)
            {
                throw new ArgumentException($"Shard '{i}' begins at layer '{spec.FirstLayer}' with '{spec.BlockCount}' blocks of '{spec.BlockTokens}'; expected are "
                    + $"layer {layer} and {engines[0].Spec.BlockCount} blocks of {engines[0].Spec.BlockTokens}.", nameof(engines));
            }
            layer = spec.LastLayer;
            numerics[i] = engines[i].Shard.Numerics;
            processes[i] = Environment.ProcessId;
        }
        if (engines.Count == 0 || !engines[^1].Spec.HasHead)
        {
            throw new ArgumentException($"The '{engines.Count}' shards end at layer '{layer}', before the model's head; give all of them.", nameof(engines));
        }
        ShardSpec last = engines[^1].Spec;
        return new PipelineShape
        {
            Epoch = epoch,
            Shards = engines.Count,
            BlockTokens = last.BlockTokens,
            BlockCount = last.BlockCount,
            ScratchTokens = engines.Min(engine => engine.Spec.ScratchTokens),
            ContextTokens = last.ContextTokens,
            VocabularySize = last.VocabularySize,
            HasHead = engines[^1].Head is not null,
            HasExit = engines[0].Exit is not null,
            Numerics = numerics,
            ProcessIds = processes,
        };
    }
}
