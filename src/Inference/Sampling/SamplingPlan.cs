namespace Winnow.Inference.Sampling;

/// <summary>
/// <see cref="SamplingParameters"/> checked against a vocabulary and laid out so that drawing a token allocates nothing.
/// Made once per sequence.
/// </summary>
public sealed class SamplingPlan
{
    private SamplingPlan(SamplingParameters parameters)
    {
        Parameters = parameters;
        BiasIds = [.. parameters.LogitBias.Keys];
        BiasValues = [.. parameters.LogitBias.Values];
        Banned = [.. parameters.BannedTokens];
    }

    /// <summary>What the plan was made from.</summary>
    public SamplingParameters Parameters { get; }

    /// <summary>Draws need a <see cref="TokenHistory"/>: a penalty is on.</summary>
    public bool UsesHistory => Parameters.RepetitionPenalty != 1 || Parameters.PresencePenalty != 0 || Parameters.FrequencyPenalty != 0;

    internal int[] BiasIds { get; }

    internal float[] BiasValues { get; }

    internal int[] Banned { get; }

    internal float RepetitionPenalty => Parameters.RepetitionPenalty;

    internal float PresencePenalty => Parameters.PresencePenalty;

    internal float FrequencyPenalty => Parameters.FrequencyPenalty;

    internal bool IsGreedy => Parameters.Temperature == 0;

    /// <summary>How drafts are judged: greedy decoding leaves nothing to choose from.</summary>
    internal AcceptanceRule Rule => IsGreedy ? AcceptanceRule.Coupled : Parameters.Rule;

    /// <summary>Some tokens are cut off.</summary>
    internal bool Truncates => Parameters.TopK > 0 || Parameters.TopP < 1 || Parameters.MinP > 0;

    internal bool EditsLogits => BiasIds.Length > 0 || Banned.Length > 0 || UsesHistory;

    /// <summary>Checks the parameters and lays them out.</summary>
    /// <param name="parameters">How to sample.</param>
    /// <param name="vocabularySize">V: tokens in the vocabulary.</param>
    /// <exception cref="ArgumentException">A parameter is out of its range; the message lists them all.</exception>
    public static SamplingPlan Create(SamplingParameters parameters, int vocabularySize)
    {
        IReadOnlyList<SamplingProblem> problems = parameters.Validate(vocabularySize);
        return problems.Count == 0
            ? new SamplingPlan(parameters)
            : throw new ArgumentException(string.Join(" ", problems.Select(p => p.Message)), nameof(parameters));
    }
}
