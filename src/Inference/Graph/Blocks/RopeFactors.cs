namespace Winnow.Inference.Graph;

/// <summary>Where the divisors of the rotation frequencies come from.</summary>
public enum RopeFactors
{
    /// <summary>There are none.</summary>
    None,

    /// <summary>Tensor <c>rope_freqs.weight</c>, when the file has it (Llama 3.1).</summary>
    Fixed,

    /// <summary>
    /// Tensors <c>rope_factors_long.weight</c> and <c>rope_factors_short.weight</c>, when the file has them: the long ones when the context that
    /// is served is longer than <see cref="RopeBlock.OriginalContextTokens"/> (LongRoPE, Ding et al., arXiv 2402.13753).
    /// </summary>
    ByContext,
}
