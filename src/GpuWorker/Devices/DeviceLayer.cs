using ILGPU;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>Weights of one transformer layer on a device. Vectors are padded to multiples of 4; an empty one means that the model has none.</summary>
internal sealed record DeviceLayer
{
    /// <summary>What the layer computes.</summary>
    public required LayerBlock Block { get; init; }

    /// <summary>Index into <see cref="DeviceWeights.Ropes"/>.</summary>
    public required int Rope { get; init; }

    /// <summary>Norm before attention.</summary>
    public required ArrayView<float> AttentionNorm { get; init; }

    /// <summary>Query, key and value projection: one matrix with the outputs of all three, or three.</summary>
    public required WeightBuffer[] Projections { get; init; }

    /// <summary>Biases of queries, keys and values, and norms of their heads.</summary>
    public required RopeStoreWeights HeadVectors { get; init; }

    /// <summary>Output projection, C x H*D.</summary>
    public required WeightBuffer Output { get; init; }

    /// <summary>Added to the output projection's result.</summary>
    public required ArrayView<float> OutputBias { get; init; }

    /// <summary>Norm of attention's result.</summary>
    public required ArrayView<float> AttentionPostNorm { get; init; }

    /// <summary>Norm before the feed-forward layer.</summary>
    public required ArrayView<float> FeedForwardNorm { get; init; }

    /// <summary>Norm of the feed-forward layer's result.</summary>
    public required ArrayView<float> FeedForwardPostNorm { get; init; }

    /// <summary>The dense feed-forward layer, or null.</summary>
    public required DeviceFeedForward? Dense { get; init; }

    /// <summary>The experts, or null.</summary>
    public required DeviceExperts? Experts { get; init; }

    /// <summary>Forms of the normed hidden state that attention's projections read.</summary>
    public ActivationForms AttentionInput => WeightForms.InputOf(Projections);
}

/// <summary>A gated feed-forward layer on a device.</summary>
internal sealed record DeviceFeedForward
{
    /// <summary>Gate and up projection with alternating outputs, or one after the other where their forms differ.</summary>
    public required WeightBuffer[] GateUp { get; init; }

    /// <summary>Biases of gate and up as their matrix, or matrices, have their outputs.</summary>
    public required ArrayView<float>[] GateUpBias { get; init; }

    /// <summary>Down projection, C x F.</summary>
    public required WeightBuffer Down { get; init; }

    /// <summary>Added to the down projection's result.</summary>
    public required ArrayView<float> DownBias { get; init; }

    /// <summary>Forms of the normed hidden state that gate and up read.</summary>
    public ActivationForms Input => WeightForms.InputOf(GateUp);
}

/// <summary>A layer's experts on a device: matrices of all experts one after the other.</summary>
/// <param name="Router">Scores, experts x C.</param>
/// <param name="GateUp">Gate and up projection with alternating outputs.</param>
/// <param name="Down">Down projection.</param>
internal sealed record DeviceExperts(WeightBuffer Router, WeightBuffer GateUp, WeightBuffer Down);
