namespace Winnow.Inference.Sampling;

/// <summary>
/// The tokens with the largest sums of scaled logit and noise, best first; of equal sums the lower id comes first. The first one is what
/// <see cref="GumbelDraw"/> draws, the others are a sample without replacement.
/// </summary>
internal static class GumbelRank
{
    /// <summary>Ranks all tokens.</summary>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="noise">The position's noise.</param>
    /// <param name="ranked">Receives the best, as many as it holds.</param>
    /// <returns>How many there are: fewer than asked for when other logits are negative infinity.</returns>
    public static int FromAll(ReadOnlySpan<float> logits, double temperature, in GumbelNoise noise, Span<RankedToken> ranked)
    {
        int count = 0;
        for (int first = 0; first < logits.Length; first += 4)
        {
            ReadOnlySpan<float> group = logits.Slice(first, Math.Min(4, logits.Length - first));
            double bar = count == ranked.Length ? ranked[^1].Score : double.NegativeInfinity;
            if (!AnyMayPass(group, temperature, bar))
            {
                continue;
            }
            PhiloxBlock words = noise.Words(first >> 2);
            for (int lane = 0; lane < group.Length; lane++)
            {
                double scaled = group[lane] / temperature;
                if (!double.IsNegativeInfinity(scaled) && scaled + GumbelNoise.Bound(words[lane]) >= bar)
                {
                    Insert(ranked, ref count, new RankedToken(first + lane, scaled + GumbelNoise.FromWord(words[lane])));
                }
            }
        }
        return count;
    }

    /// <summary>Ranks the tokens that survived truncation.</summary>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="survivors">Token ids, in any order.</param>
    /// <param name="temperature">Above 0.</param>
    /// <param name="noise">The position's noise.</param>
    /// <param name="ranked">Receives the best, as many as it holds.</param>
    /// <returns>How many there are.</returns>
    public static int FromSome(ReadOnlySpan<float> logits, ReadOnlySpan<int> survivors, double temperature, in GumbelNoise noise, Span<RankedToken> ranked)
    {
        int count = 0;
        foreach (int token in survivors)
        {
            Insert(ranked, ref count, new RankedToken(token, (logits[token] / temperature) + noise.Of(token)));
        }
        return count;
    }

    private static bool AnyMayPass(ReadOnlySpan<float> group, double temperature, double bar)
    {
        foreach (float logit in group)
        {
            if ((logit / temperature) + GumbelNoise.Largest >= bar)
            {
                return true;
            }
        }
        return false;
    }

    private static void Insert(Span<RankedToken> ranked, ref int count, RankedToken token)
    {
        int place = count;
        while (place > 0 && IsBefore(token, ranked[place - 1]))
        {
            place--;
        }
        if (place == ranked.Length)
        {
            return;
        }
        count = Math.Min(count + 1, ranked.Length);
        ranked[place..(count - 1)].CopyTo(ranked[(place + 1)..]);
        ranked[place] = token;
    }

    private static bool IsBefore(RankedToken a, RankedToken b) => a.Score > b.Score || (a.Score == b.Score && a.Token < b.Token);
}
