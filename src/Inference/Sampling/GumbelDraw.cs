using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Sampling;

/// <summary>Finds the token with the largest sum of scaled logit and noise; of equal sums the lowest id wins.</summary>
internal static class GumbelDraw
{
    // Relative slack of the coarse cut, far above the rounding of the few float64 operations that it stands for.
    private const double Slack = 1e-9;

    /// <summary>Draws from all tokens.</summary>
    /// <remarks>
    /// Noise is hashed only for tokens that the largest possible noise could lift to the best sum so far, and its logarithms are
    /// taken only where a bound from the hash's leading bits allows a win: the result is that of the plain loop.
    /// </remarks>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="largest">The largest of them.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="noise">The position's noise.</param>
    public static int FromAll(ReadOnlySpan<float> logits, float largest, double temperature, in GumbelNoise noise)
    {
        int bestId = LogitScan.FirstIndexOf(logits, largest);
        double best = (largest / temperature) + noise.Of(bestId);
        float cut = Cut(best, temperature);
        for (int first = 0; first < logits.Length; first += 4)
        {
            int lanes = Math.Min(4, logits.Length - first);
            if (!AnyReaches(logits.Slice(first, lanes), cut))
            {
                continue;
            }
            PhiloxBlock words = noise.Words(first >> 2);
            for (int lane = 0; lane < lanes; lane++)
            {
                double scaled = logits[first + lane] / temperature;
                if (scaled + GumbelNoise.Bound(words[lane]) < best)
                {
                    continue;
                }
                double sum = scaled + GumbelNoise.FromWord(words[lane]);
                if (sum > best || (sum == best && first + lane < bestId))
                {
                    (best, bestId) = (sum, first + lane);
                    cut = Cut(best, temperature);
                }
            }
        }
        return bestId;
    }

    /// <summary>Draws from the tokens that survived truncation.</summary>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="survivors">Token ids, at least one, in any order.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="noise">The position's noise.</param>
    public static int FromSome(ReadOnlySpan<float> logits, ReadOnlySpan<int> survivors, double temperature, in GumbelNoise noise)
    {
        int bestId = int.MaxValue;
        double best = double.NegativeInfinity;
        foreach (int token in survivors)
        {
            double sum = (logits[token] / temperature) + noise.Of(token);
            if (sum > best || (sum == best && token < bestId))
            {
                (best, bestId) = (sum, token);
            }
        }
        return bestId;
    }

    /// <summary>Draws with the noise of other ids than the tokens' own.</summary>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="survivors">Token ids to draw from; empty for all.</param>
    /// <param name="largest">The largest logit.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="noise">The position's noise.</param>
    /// <param name="noiseIds">By token, the id of its noise (V).</param>
    public static int FromRenamed(
        ReadOnlySpan<float> logits, ReadOnlySpan<int> survivors, float largest, double temperature, in GumbelNoise noise, ReadOnlySpan<int> noiseIds)
    {
        int bestId = LogitScan.FirstIndexOf(logits, largest);
        double best = (largest / temperature) + noise.Of(noiseIds[bestId]);
        float cut = Cut(best, temperature);
        int count = survivors.IsEmpty ? logits.Length : survivors.Length;
        for (int i = 0; i < count; i++)
        {
            int token = survivors.IsEmpty ? i : survivors[i];
            if (logits[token] < cut)
            {
                continue;
            }
            double sum = (logits[token] / temperature) + noise.Of(noiseIds[token]);
            if (sum > best || (sum == best && token < bestId))
            {
                (best, bestId) = (sum, token);
                cut = Cut(best, temperature);
            }
        }
        return bestId;
    }

    /// <summary>A logit below this cannot reach the sum <paramref name="best"/> with any noise.</summary>
    private static float Cut(double best, double temperature)
    {
        double cut = (best - GumbelNoise.Largest) * temperature;
        double slack = Slack * (Math.Abs(best * temperature) + (GumbelNoise.Largest * temperature));
        return MathF.BitDecrement((float)(cut - slack));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool AnyReaches(ReadOnlySpan<float> group, float cut)
    {
        if (group.Length == 4)
        {
            return Vector128.GreaterThanOrEqualAny(Vector128.Create(group), Vector128.Create(cut));
        }
        bool any = false;
        foreach (float logit in group)
        {
            any |= logit >= cut;
        }
        return any;
    }
}
