namespace Winnow.Inference.Cpu;

/// <summary>Weights of one gated feed-forward layer or of one expert. Biases are padded to 16; a null pointer means there are none.</summary>
internal sealed unsafe class CpuFeedForward
{
    /// <summary>Gate projection, F x C.</summary>
    public required WeightMatrix Gate { get; init; }

    /// <summary>Up projection, F x C.</summary>
    public required WeightMatrix Up { get; init; }

    /// <summary>Down projection, C x F.</summary>
    public required WeightMatrix Down { get; init; }

    /// <summary>Added to the gate, or null.</summary>
    public float* GateBias { get; init; }

    /// <summary>Added to up, or null.</summary>
    public float* UpBias { get; init; }

    /// <summary>Added to the result, or null.</summary>
    public float* DownBias { get; init; }

    /// <summary>There is a <see cref="DownBias"/>.</summary>
    public bool HasDownBias => DownBias is not null;

    /// <summary>Forms of the input that gate and up read.</summary>
    public InputForms InputForms => Gate.InputForm | Up.InputForm;
}

/// <summary>A router and the experts that it chooses from.</summary>
/// <param name="Router">Scores, E x C.</param>
/// <param name="Used">Experts that compute for a row.</param>
/// <param name="All">The experts.</param>
internal sealed record CpuExperts(WeightMatrix Router, int Used, CpuFeedForward[] All);
