using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Weights of one transformer layer. Vectors are float, padded with zeros to 16; a null pointer means the model has none.</summary>
internal sealed unsafe class CpuLayer
{
    /// <summary>What the layer computes.</summary>
    public required LayerBlock Block { get; init; }

    /// <summary>Index into <see cref="CpuWeights.Ropes"/>.</summary>
    public required int Rope { get; init; }

    /// <summary>Norm before attention.</summary>
    public required float* AttentionNorm { get; init; }

    /// <summary>Query projection, H*D x C.</summary>
    public required WeightMatrix Query { get; init; }

    /// <summary>Key projection, G*D x C.</summary>
    public required WeightMatrix Key { get; init; }

    /// <summary>Value projection, G*D x C.</summary>
    public required WeightMatrix Value { get; init; }

    /// <summary>Output projection, C x H*D.</summary>
    public required WeightMatrix Output { get; init; }

    /// <summary>Added to queries, or null.</summary>
    public required float* QueryBias { get; init; }

    /// <summary>Added to keys, or null.</summary>
    public required float* KeyBias { get; init; }

    /// <summary>Added to values, or null.</summary>
    public required float* ValueBias { get; init; }

    /// <summary>Added to the output projection's result, or null.</summary>
    public required float* OutputBias { get; init; }

    /// <summary>Norm of every query head, or null.</summary>
    public required float* QueryNorm { get; init; }

    /// <summary>Norm of every key head, or null.</summary>
    public required float* KeyNorm { get; init; }

    /// <summary>Norm of attention's result, or null.</summary>
    public required float* AttentionPostNorm { get; init; }

    /// <summary>Norm before the feed-forward layer.</summary>
    public required float* FeedForwardNorm { get; init; }

    /// <summary>Norm of the feed-forward layer's result, or null.</summary>
    public required float* FeedForwardPostNorm { get; init; }

    /// <summary>The dense feed-forward layer, or null.</summary>
    public required CpuFeedForward? Dense { get; init; }

    /// <summary>The experts, or null.</summary>
    public required CpuExperts? Experts { get; init; }

    /// <summary>Attention's result is changed before it is added to the hidden state.</summary>
    public bool JoinsAttention => OutputBias is not null || AttentionPostNorm is not null;

    /// <summary>The feed-forward layer's result is changed, or summed over experts, before it is added to the hidden state.</summary>
    public bool JoinsFeedForward => FeedForwardPostNorm is not null || Dense is null || Dense.HasDownBias;

    /// <summary>Forms of the normed hidden state that attention's projections read.</summary>
    public InputForms AttentionInput => Query.InputForm | Key.InputForm | Value.InputForm;

    /// <summary>Forms of the normed hidden state that the feed-forward layer or the router reads.</summary>
    public InputForms FeedForwardInput => Dense?.InputForms ?? Experts!.Router.InputForm;
}
