namespace Winnow.Inference.Graph;

/// <summary>Rotary positions of a layer (Su et al., arXiv 2104.09864) with their scaling.</summary>
public sealed record RopeBlock
{
    /// <summary>Pairing of rotated elements.</summary>
    public required RopeStyle Style { get; init; }

    /// <summary>Leading elements of a head that are rotated, even, at most the head size; the others stay as they are.</summary>
    public required int Dimensions { get; init; }

    /// <summary>Base of the rotation frequencies.</summary>
    public required float Base { get; init; }

    /// <summary>Positions are divided by this; 1 is off.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>Divides by <see cref="Factor"/> only where YaRN says so; null divides everywhere.</summary>
    public YarnScaling? Yarn { get; init; }

    /// <summary>Factor on cosines and sines.</summary>
    public float Magnitude { get; init; } = 1;

    /// <summary>Divisors of single frequencies.</summary>
    public RopeFactors Factors { get; init; }

    /// <summary>Context before it was extended, for <see cref="Yarn"/> and <see cref="RopeFactors.ByContext"/>.</summary>
    public required int OriginalContextTokens { get; init; }
}
