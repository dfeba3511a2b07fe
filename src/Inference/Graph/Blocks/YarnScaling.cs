namespace Winnow.Inference.Graph;

/// <summary>
/// YaRN (Peng et al., arXiv 2309.00071): pairs that turn more than <paramref name="BetaFast"/> times over the original context keep their
/// frequency, pairs that turn less than <paramref name="BetaSlow"/> times have it divided, and between the two it is blended.
/// </summary>
/// <param name="BetaFast">Turns from which a pair is left as it is.</param>
/// <param name="BetaSlow">Turns below which a pair is fully interpolated.</param>
public sealed record YarnScaling(float BetaFast, float BetaSlow);
