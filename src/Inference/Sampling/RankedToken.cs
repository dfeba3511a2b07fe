namespace Winnow.Inference.Sampling;

/// <summary>A token and how near it came to being drawn.</summary>
/// <param name="Token">Id.</param>
/// <param name="Score">Scaled logit plus the position's noise; the plain logit when greedy. Only differences within a position mean something.</param>
internal readonly record struct RankedToken(int Token, double Score);
