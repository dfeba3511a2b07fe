using System.Runtime.Intrinsics;

namespace Winnow.Inference.Sampling;

/// <summary>
/// The most likely tokens of a row, ordered by (logit descending, id ascending), with their weights. Buffers are reused.
/// </summary>
/// <param name="vocabularySize">V: tokens in the vocabulary.</param>
internal sealed class CandidateList(int vocabularySize)
{
    private const int FirstTopPCandidates = 128;
    private const int TopPGrowth = 8;
    private const double SmallestMinP = 1e-300;

    private readonly ulong[] _keys = new ulong[vocabularySize];
    private readonly int[] _ids = new int[vocabularySize];
    private readonly double[] _weights = new double[vocabularySize];

    /// <summary>Fills the list with the <paramref name="count"/> largest logits (fewer when others are negative infinity).</summary>
    /// <returns>The ids in order; valid until the next call.</returns>
    public ReadOnlySpan<int> TakeLargest(ReadOnlySpan<float> logits, int count)
    {
        int kept = 0;
        int limit = count < logits.Length / 2 ? 2 * count : int.MaxValue;
        float threshold = float.NegativeInfinity;
        for (int id = 0; id < logits.Length; id++)
        {
            if (id + Vector256<float>.Count <= logits.Length
                && !Vector256.GreaterThanAny(Vector256.Create(logits.Slice(id, Vector256<float>.Count)), Vector256.Create(threshold)))
            {
                id += Vector256<float>.Count - 1;
                continue;
            }
            // Of equal logits the earlier id is the better candidate, so an equal one that comes later cannot enter a full list.
            if (!(logits[id] > threshold))
            {
                continue;
            }
            _keys[kept++] = Key(logits[id], id);
            if (kept == limit)
            {
                _keys.AsSpan(0, kept).Sort();
                kept = count;
                threshold = logits[(int)(uint)_keys[kept - 1]];
            }
        }
        _keys.AsSpan(0, kept).Sort();
        kept = Math.Min(kept, count);
        for (int i = 0; i < kept; i++)
        {
            _ids[i] = (int)(uint)_keys[i];
        }
        return _ids.AsSpan(0, kept);
    }

    /// <summary>Applies top-k, then top-p, then min-p.</summary>
    /// <param name="logits">Processed logits (V).</param>
    /// <param name="largest">The largest of them.</param>
    /// <param name="parameters">Their temperature is above 0.</param>
    /// <param name="topK">In place of that of the parameters; at least one of the three is on.</param>
    /// <returns>The ids that survive, at least one; valid until the next call.</returns>
    public ReadOnlySpan<int> Truncate(ReadOnlySpan<float> logits, float largest, SamplingParameters parameters, int topK)
    {
        double temperature = parameters.Temperature;
        bool usesTopP = parameters.TopP < 1;
        ReadOnlySpan<int> kept;
        if (topK > 0)
        {
            kept = CutTopK(logits, TakeLargest(logits, Math.Min(topK, logits.Length)), largest, parameters);
        }
        else if (usesTopP)
        {
            kept = TakeTopP(logits, largest, temperature, parameters.TopP);
        }
        else
        {
            return FilterAll(logits, largest, temperature, parameters.MinP);
        }
        return parameters.MinP > 0 ? FilterKept(kept.Length, parameters.MinP) : kept;
    }

    /// <summary>As <see cref="Truncate"/>, from the most likely tokens, found elsewhere: only where they tell for certain what it would keep.</summary>
    /// <param name="logits">Processed logits (V), of which those of the tokens are set.</param>
    /// <param name="best">The most likely tokens in order: with top-k as many as it keeps.</param>
    /// <param name="hasAll">All others have the logit negative infinity.</param>
    /// <param name="largest">The largest logit.</param>
    /// <param name="weights">For top-p without top-k, the sum of all weights, to within <see cref="LogitDraws.WeightSlack"/>.</param>
    /// <param name="parameters">See <see cref="Truncate"/>.</param>
    /// <returns>The ids that survive; empty where the tokens given do not tell.</returns>
    public ReadOnlySpan<int> TruncateBest(
        ReadOnlySpan<float> logits, ReadOnlySpan<Candidate> best, bool hasAll, float largest, double weights, SamplingParameters parameters)
    {
        for (int i = 0; i < best.Length; i++)
        {
            _ids[i] = best[i].Token;
        }
        ReadOnlySpan<int> kept = _ids.AsSpan(0, best.Length);
        if (parameters.TopK > 0)
        {
            kept = CutTopK(logits, kept, largest, parameters);
        }
        else
        {
            _ = Weigh(logits, kept, largest, parameters.Temperature);
            if (parameters.TopP < 1)
            {
                kept = CutTopP(kept, hasAll, weights, parameters.TopP);
            }
            else if (!hasAll && !kept.IsEmpty && (logits[kept[^1]] / (double)parameters.Temperature) - (largest / (double)parameters.Temperature) >= LowestExponent(parameters.MinP))
            {
                // A token that is not among these may be likely enough.
                return [];
            }
        }
        return parameters.MinP > 0 ? FilterKept(kept.Length, parameters.MinP) : kept;
    }

    private ReadOnlySpan<int> CutTopK(ReadOnlySpan<float> logits, ReadOnlySpan<int> kept, float largest, SamplingParameters parameters)
    {
        double total = Weigh(logits, kept, largest, parameters.Temperature);
        return parameters.TopP < 1 ? kept[..ReachedAt(kept.Length, parameters.TopP * total)] : kept;
    }

    // The sum in ascending order of ids lies somewhere between two: where these cut at the same token, so does it.
    private ReadOnlySpan<int> CutTopP(ReadOnlySpan<int> kept, bool hasAll, double weights, float p)
    {
        double sum = 0;
        int least = 0;
        while (least < kept.Length && sum + _weights[least] < p * (weights * (1 - LogitDraws.WeightSlack)))
        {
            sum += _weights[least++];
        }
        if (least == kept.Length)
        {
            return hasAll ? kept : [];
        }
        return sum + _weights[least] >= p * (weights * (1 + LogitDraws.WeightSlack)) ? kept[..(least + 1)] : [];
    }

    private ReadOnlySpan<int> TakeTopP(ReadOnlySpan<float> logits, float largest, double temperature, double p)
    {
        double total = PortableMath.SumExp(logits, temperature, largest / temperature);
        for (int count = FirstTopPCandidates; ; count *= TopPGrowth)
        {
            ReadOnlySpan<int> kept = TakeLargest(logits, Math.Min(count, logits.Length));
            double sum = Weigh(logits, kept, largest, temperature);
            if (sum >= p * total || count >= logits.Length)
            {
                return kept[..ReachedAt(kept.Length, p * total)];
            }
        }
    }

    /// <summary>Sets the weight exp(scaled logit - best scaled logit) of each candidate and sums them in candidate order.</summary>
    private double Weigh(ReadOnlySpan<float> logits, ReadOnlySpan<int> ids, float largest, double temperature)
    {
        double best = largest / temperature;
        double total = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            _weights[i] = PortableMath.Exp((logits[ids[i]] / temperature) - best);
            total += _weights[i];
        }
        return total;
    }

    /// <summary>Candidates up to and with the first whose running sum reaches <paramref name="goal"/>.</summary>
    private int ReachedAt(int count, double goal)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += _weights[i];
            if (sum >= goal)
            {
                return i + 1;
            }
        }
        return count;
    }

    private ReadOnlySpan<int> FilterKept(int count, double minP)
    {
        int kept = 0;
        for (int i = 0; i < count; i++)
        {
            if (_weights[i] >= minP)
            {
                _ids[kept++] = _ids[i];
            }
        }
        return _ids.AsSpan(0, kept);
    }

    private ReadOnlySpan<int> FilterAll(ReadOnlySpan<float> logits, float largest, double temperature, double minP)
    {
        double best = largest / temperature;
        double lowest = LowestExponent(minP);
        int kept = 0;
        for (int id = 0; id < logits.Length; id++)
        {
            double exponent = (logits[id] / temperature) - best;
            if (exponent >= lowest && PortableMath.Exp(exponent) >= minP)
            {
                _ids[kept++] = id;
            }
        }
        return _ids.AsSpan(0, kept);
    }

    // Below this the weight is below the threshold, however the exponential is rounded.
    private static double LowestExponent(double minP) => PortableMath.Log(Math.Max(minP, SmallestMinP)) - 1e-6;

    /// <summary>Ascending keys are descending logits, then ascending ids.</summary>
    private static ulong Key(float logit, int id)
    {
        // Adding zero turns -0 into +0: they are equal logits.
        int bits = BitConverter.SingleToInt32Bits(logit + 0f);
        uint ascending = bits < 0 ? ~(uint)bits : (uint)bits | 0x80000000;
        return ((ulong)~ascending << 32) | (uint)id;
    }
}
