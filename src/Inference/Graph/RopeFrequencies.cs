using Winnow.Inference.Sampling;

namespace Winnow.Inference.Graph;

/// <summary>Angles that one position adds to every rotated pair, the same bits on every platform.</summary>
internal static class RopeFrequencies
{
    /// <summary>
    /// <c>base^(-2i/n)</c>, divided by the pair's own divisor, then by the scaling's factor as far as YaRN has it.
    /// </summary>
    /// <param name="rope">Rotation's constants.</param>
    /// <param name="divisors">Divisors by pair, or empty.</param>
    public static double[] Compute(RopeBlock rope, ReadOnlySpan<float> divisors)
    {
        double[] frequencies = new double[rope.Dimensions / 2];
        double logBase = PortableMath.Log(rope.Base);
        for (int i = 0; i < frequencies.Length; i++)
        {
            double frequency = PortableMath.Exp(-2.0 * i / rope.Dimensions * logBase) / (divisors.IsEmpty ? 1 : divisors[i]);
            double kept = rope.Yarn is null ? 0 : Kept(rope, rope.Yarn, i);
            frequencies[i] = kept == 0 ? frequency / rope.Factor : (frequency / rope.Factor * (1 - kept)) + (frequency * kept);
        }
        return frequencies;
    }

    // The share of a pair's own frequency: 1 for pairs that turn fast, 0 for slow ones, linear in the pair's index between.
    private static double Kept(RopeBlock rope, YarnScaling yarn, int pair)
    {
        double low = Math.Max(0, Math.Floor(PairThatTurns(rope, yarn.BetaFast)));
        double high = Math.Min(rope.Dimensions - 1, Math.Ceiling(PairThatTurns(rope, yarn.BetaSlow)));
        return 1 - Math.Clamp((pair - low) / Math.Max(0.001, high - low), 0, 1);
    }

    // The index, with a fraction, of the pair that turns so many times over the original context.
    private static double PairThatTurns(RopeBlock rope, float turns) =>
        rope.Dimensions * PortableMath.Log(rope.OriginalContextTokens / (turns * 2 * Math.PI)) / (2 * PortableMath.Log(rope.Base));
}
