using System.Numerics;
using System.Runtime.InteropServices;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Grammar;

namespace Winnow.Inference.Sampling;

/// <summary>
/// Draws the token at one position: a pure function of logits, parameters, the tokens before and the generation index
/// (docs/sampling.md). Owns scratch memory that is reused; not thread-safe.
/// </summary>
/// <param name="vocabularySize">V: tokens in the vocabulary.</param>
public sealed class TokenSampler(int vocabularySize)
{
    private readonly float[] _edited = new float[vocabularySize];
    private readonly CandidateList _candidates = new(vocabularySize);

    /// <summary>Fourth counter word of the noise. A test sets it to key the noise by something that breaks the law.</summary>
    internal uint NoiseStream { get; set; }

    /// <summary>The only tokens that may be drawn, by a grammar; <see langword="null"/> for all.</summary>
    internal GrammarMask? Mask { get; set; }

    /// <summary>
    /// By token, the id that its noise is drawn by: for a drafter that numbers its tokens otherwise than the target. <see langword="null"/>, as for every target, is the token's own.
    /// </summary>
    internal int[]? NoiseIds { get; init; }

    /// <summary>Draws the token at a position.</summary>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample.</param>
    /// <param name="history">
    /// The sequence's committed tokens; may be <see langword="null"/> when the plan does not use it. Left as it is.
    /// </param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <returns>The token id.</returns>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    public int Sample(ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, int generationIndex)
    {
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        return Draw(processed, largest, plan, generationIndex);
    }

    /// <summary>Draws the token at a position from what was found of its processed logits elsewhere, where that tells it for certain: the token that <see cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int)"/> draws.</summary>
    /// <param name="found">What was found.</param>
    /// <param name="best">The most likely tokens, as many as <see cref="BestNeeded"/> says; not read where nothing is cut off.</param>
    /// <param name="plan">How to sample.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="token">The token id.</param>
    /// <returns>Whether it was told; otherwise the logits have to be looked at.</returns>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    internal bool TryFinish(in RowFinding found, ReadOnlySpan<Candidate> best, SamplingPlan plan, int generationIndex, out int token)
    {
        LogitScan.RequireUsable(found.OwnStatus);
        LogitScan.RequireUsable(found.Status);
        token = found.Token;
        if (plan.IsGreedy || !plan.Truncates)
        {
            return true;
        }
        foreach (Candidate candidate in best)
        {
            _edited[candidate.Token] = candidate.Logit;
        }
        SamplingParameters parameters = plan.Parameters;
        ReadOnlySpan<int> survivors = _candidates.TruncateBest(_edited, best, found.HasAll, found.Largest, found.Weights, parameters);
        if (survivors.IsEmpty)
        {
            return false;
        }
        if (!survivors.Contains(token))
        {
            token = GumbelDraw.FromSome(_edited, survivors, parameters.Temperature, new GumbelNoise(parameters.Seed, parameters.Choice, generationIndex, NoiseStream));
        }
        return true;
    }

    /// <summary>How many of a position's most likely tokens <see cref="TryFinish"/> needs; 0 where it needs none, or where none would do.</summary>
    internal static int BestNeeded(SamplingPlan plan)
    {
        int topK = plan.Parameters.TopK;
        return plan.IsGreedy || !plan.Truncates || topK > LogitDraws.MostCandidates ? 0 : topK > 0 ? topK : LogitDraws.MostCandidates;
    }

    /// <summary>Draws the token at a position and tells how likely it was.</summary>
    /// <inheritdoc cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int)"/>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample.</param>
    /// <param name="history">The sequence's committed tokens.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="probability">
    /// The token's probability before truncation, at the temperature (1 when greedy). An estimate in float32: a hint for
    /// choosing draft lengths, not part of the law.
    /// </param>
    public int Sample(
        ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, int generationIndex, out float probability)
    {
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        int token = Draw(processed, largest, plan, generationIndex);
        probability = Probability(processed, token, largest, plan.IsGreedy ? 1 : plan.Parameters.Temperature);
        return token;
    }

    /// <summary>Draws the token at a position and tells how sure the draw was: how likely the token was, and how far the next best was behind it with the noise.</summary>
    /// <inheritdoc cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int, out float)"/>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample.</param>
    /// <param name="history">The sequence's committed tokens.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="probability">The token's probability before truncation, an estimate.</param>
    /// <param name="lead">By how much its sum of logit and temperature times noise is above the next best's; infinite when it is the only one.</param>
    internal int Sample(
        ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, int generationIndex, out float probability, out float lead)
    {
        Span<RankedToken> ranked = stackalloc RankedToken[2];
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        int count = RankProcessed(processed, largest, plan, generationIndex, ranked);
        double scale = plan.IsGreedy ? 1 : plan.Parameters.Temperature;
        lead = count < 2 ? float.PositiveInfinity : (float)((ranked[0].Score - ranked[1].Score) * scale);
        probability = Probability(processed, ranked[0].Token, largest, (float)scale);
        return ranked[0].Token;
    }

    /// <summary>
    /// Ranks tokens by how near they come to being drawn at a position: the first is the one that <see cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int)"/>
    /// draws, and who draws there with other logits but the same noise most likely draws one of the next.
    /// </summary>
    /// <inheritdoc cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int)"/>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample.</param>
    /// <param name="history">The sequence's committed tokens.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="ranked">Receives the best, as many as it holds.</param>
    /// <returns>How many there are.</returns>
    internal int Rank(
        ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, int generationIndex, Span<RankedToken> ranked)
    {
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        return RankProcessed(processed, largest, plan, generationIndex, ranked);
    }

    /// <summary>The distribution that <see cref="Sample(ReadOnlySpan{float}, SamplingPlan, TokenHistory?, ReadOnlySpan{int}, int)"/> draws from.</summary>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample; not greedy.</param>
    /// <param name="history">The sequence's committed tokens.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="weights">Gets the weight of every token (V), in proportion to its probability; 0 for those cut off.</param>
    /// <returns>Their sum, above 0.</returns>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    internal double Weigh(ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, Span<double> weights)
    {
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        double temperature = plan.Parameters.Temperature;
        if (!plan.Truncates)
        {
            return PortableMath.ExpAll(processed, temperature, largest / temperature, weights);
        }
        weights.Clear();
        double sum = 0;
        foreach (int token in _candidates.Truncate(processed, largest, plan.Parameters, plan.Parameters.TopK))
        {
            weights[token] = PortableMath.Exp((processed[token] / temperature) - (largest / temperature));
            sum += weights[token];
        }
        return sum;
    }

    /// <summary>The same distribution cut to its most likely tokens, as a drafter draws from it.</summary>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample; not greedy.</param>
    /// <param name="history">The sequence's committed tokens.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="probabilities">Probability of each of the tokens returned.</param>
    /// <returns>Token ids, ascending.</returns>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    internal int[] Likeliest(ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, out float[] probabilities)
    {
        ReadOnlySpan<float> processed = Process(logits, plan, history, path, out float largest);
        double temperature = plan.Parameters.Temperature;
        int topK = plan.Parameters.TopK == 0 ? DraftLaw.DrawnTokens : Math.Min(plan.Parameters.TopK, DraftLaw.DrawnTokens);
        int[] ids = _candidates.Truncate(processed, largest, plan.Parameters, topK).ToArray();
        ids.AsSpan().Sort();
        double[] weights = new double[ids.Length];
        double sum = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            weights[i] = PortableMath.Exp((processed[ids[i]] / temperature) - (largest / temperature));
            sum += weights[i];
        }
        probabilities = new float[ids.Length];
        for (int i = 0; i < ids.Length; i++)
        {
            probabilities[i] = (float)(weights[i] / sum);
        }
        return ids;
    }

    private int RankProcessed(ReadOnlySpan<float> processed, float largest, SamplingPlan plan, int generationIndex, Span<RankedToken> ranked)
    {
        SamplingParameters parameters = plan.Parameters;
        if (plan.IsGreedy)
        {
            ReadOnlySpan<int> ids = _candidates.TakeLargest(processed, Math.Min(ranked.Length, processed.Length));
            for (int i = 0; i < ids.Length; i++)
            {
                ranked[i] = new RankedToken(ids[i], processed[ids[i]]);
            }
            return ids.Length;
        }
        GumbelNoise noise = new(parameters.Seed, parameters.Choice, generationIndex, NoiseStream);
        return !plan.Truncates
            ? GumbelRank.FromAll(processed, parameters.Temperature, noise, ranked)
            : GumbelRank.FromSome(processed, _candidates.Truncate(processed, largest, parameters, parameters.TopK), parameters.Temperature, noise, ranked);
    }

    private int Draw(ReadOnlySpan<float> logits, float largest, SamplingPlan plan, int generationIndex)
    {
        if (plan.IsGreedy)
        {
            return LogitScan.FirstIndexOf(logits, largest);
        }
        SamplingParameters parameters = plan.Parameters;
        GumbelNoise noise = new(parameters.Seed, parameters.Choice, generationIndex, NoiseStream);
        if (NoiseIds is { } ids)
        {
            return GumbelDraw.FromRenamed(logits, !plan.Truncates ? [] : _candidates.Truncate(logits, largest, parameters, parameters.TopK), largest, parameters.Temperature, noise, ids);
        }
        if (!plan.Truncates)
        {
            return GumbelDraw.FromAll(logits, largest, parameters.Temperature, noise);
        }
        ReadOnlySpan<int> survivors = _candidates.Truncate(logits, largest, parameters, parameters.TopK);
        return GumbelDraw.FromSome(logits, survivors, parameters.Temperature, noise);
    }

    /// <summary>Applies bias, bans, mask and penalties, in this order; the logits themselves when none is on.</summary>
    private ReadOnlySpan<float> Process(
        ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path, out float largest)
    {
        if (logits.Length != vocabularySize)
        {
            throw new ArgumentException($"The row has '{logits.Length}' logits; the vocabulary has {vocabularySize} tokens.", nameof(logits));
        }
        largest = LogitScan.Largest(logits);
        if (!plan.EditsLogits && Mask is null)
        {
            return logits;
        }
        logits.CopyTo(_edited);
        for (int i = 0; i < plan.BiasIds.Length; i++)
        {
            _edited[plan.BiasIds[i]] += plan.BiasValues[i];
        }
        foreach (int token in plan.Banned)
        {
            _edited[token] = float.NegativeInfinity;
        }
        Mask?.Apply(_edited);
        if (plan.UsesHistory)
        {
            Penalise(plan, history ?? throw new ArgumentNullException(nameof(history), "The plan's penalties need the history."), path);
        }
        largest = LogitScan.Largest(_edited);
        return _edited;
    }

    private void Penalise(SamplingPlan plan, TokenHistory history, ReadOnlySpan<int> path)
    {
        foreach (int token in path)
        {
            history.Append(token);
        }
        history.Penalise(plan, _edited);
        for (int i = 0; i < path.Length; i++)
        {
            history.RemoveLast();
        }
    }

    private static float Probability(ReadOnlySpan<float> logits, int token, float largest, float temperature)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(logits);
        Vector<float> sums = Vector<float>.Zero;
        float scale = 1 / Math.Max(temperature, 1e-6f);
        foreach (Vector<float> vector in vectors)
        {
            sums += Vector.Exp((vector - new Vector<float>(largest)) * scale);
        }
        float sum = Vector.Sum(sums);
        foreach (float logit in logits[(vectors.Length * Vector<float>.Count)..])
        {
            sum += MathF.Exp((logit - largest) * scale);
        }
        return Math.Clamp(MathF.Exp((logits[token] - largest) * scale) / sum, 0, 1);
    }
}
