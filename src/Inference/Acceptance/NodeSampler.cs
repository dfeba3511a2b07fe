using System.Diagnostics.CodeAnalysis;
using Winnow.Inference.Grammar;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Acceptance;

/// <summary>
/// Draws the token at one position by the sequence's acceptance rule, given the drafts for it. Owns scratch memory that is reused; not thread-safe.
/// </summary>
/// <param name="vocabularySize">V: tokens in the vocabulary.</param>
internal sealed class NodeSampler(int vocabularySize)
{
    private readonly TokenSampler _sampler = new(vocabularySize);
    private readonly PhiloxLots _lots = new();
    private readonly RecursiveRejectionRule _rejection = new(mostDrafts: 1);
    private readonly RecursiveRejectionRule _recursive = new(mostDrafts: int.MaxValue);
    private readonly SequentialSelectionRule _sequential = new();
    private readonly double[] _law = new double[DraftLaw.MostTokens];
    private readonly double[] _kept = new double[DraftLaw.MostTokens];
    private readonly double[] _weights = new double[vocabularySize];

    /// <summary>See <see cref="TokenSampler.NoiseStream"/>.</summary>
    public uint NoiseStream
    {
        set => _sampler.NoiseStream = value;
    }

    /// <summary>See <see cref="TokenSampler.Mask"/>.</summary>
    public GrammarMask? Mask
    {
        set => _sampler.Mask = value;
    }

    /// <summary>A test's way to take every random decision in turn, in place of the seed's.</summary>
    public IRuleLots? Lots { get; set; }

    /// <summary>Draws the token at a position.</summary>
    /// <param name="logits">The model's unprocessed logits (V); left as they are.</param>
    /// <param name="plan">How to sample, the rule included.</param>
    /// <param name="history">The sequence's committed tokens, if the plan uses them.</param>
    /// <param name="path">Draft tokens between the committed ones and this position, oldest first.</param>
    /// <param name="generationIndex">0 for the first token after the prompt.</param>
    /// <param name="drafts">Drafts for this position.</param>
    /// <param name="law">What they were drawn from; without it, or when it cannot be true, each is taken for certain.</param>
    /// <exception cref="SamplingException">The logits hold NaN, or no token is left to draw.</exception>
    public int Draw(
        ReadOnlySpan<float> logits,
        SamplingPlan plan,
        TokenHistory? history,
        ReadOnlySpan<int> path,
        int generationIndex,
        ReadOnlySpan<int> drafts,
        DraftLaw? law)
    {
        AcceptanceRule rule = plan.Rule;
        if (!NeedsLaw(rule, law))
        {
            // Of drafts that are certain the target's own draw keeps as many as any lossless rule can.
            int own = Lots is null ? _sampler.Sample(logits, plan, history, path, generationIndex) : Lots.Draw(_weights, Weigh(logits, plan, history, path));
            return rule == AcceptanceRule.LossyTypical && !drafts.IsEmpty && !drafts.Contains(own)
                ? TypicalAcceptance.Choose(_weights, Weigh(logits, plan, history, path), drafts, own)
                : own;
        }
        double total = Weigh(logits, plan, history, path);
        _lots.Begin(plan.Parameters.Seed, plan.Parameters.Choice, generationIndex);
        Span<double> probabilities = _law.AsSpan(0, law.Ids.Length);
        for (int i = 0; i < probabilities.Length; i++)
        {
            probabilities[i] = law.Probabilities[i];
        }
        DraftedNode node = new(_weights, total, law.Draws, law.Ids, probabilities, _kept);
        return RuleOf(rule).Draw(ref node, Lots ?? _lots);
    }

    /// <summary>Whether the token at a position is the target's own draw and no more is asked of the logits: whatever the drafts, or because there are none to judge.</summary>
    /// <inheritdoc cref="Draw"/>
    public bool TakesOwnToken(SamplingPlan plan, ReadOnlySpan<int> drafts, DraftLaw? law) =>
        Lots is null && (plan.Rule == AcceptanceRule.LossyTypical ? drafts.IsEmpty : !NeedsLaw(plan.Rule, law));

    private bool NeedsLaw(AcceptanceRule rule, [NotNullWhen(true)] DraftLaw? law) =>
        AcceptanceRules.NeedsLaw(rule) && law is not null && law.IsSound(vocabularySize);

    private IAcceptanceRule RuleOf(AcceptanceRule rule) => rule switch
    {
        AcceptanceRule.Rejection => _rejection,
        AcceptanceRule.Rsd => _recursive,
        _ => _sequential,
    };

    private double Weigh(ReadOnlySpan<float> logits, SamplingPlan plan, TokenHistory? history, ReadOnlySpan<int> path) =>
        _sampler.Weigh(logits, plan, history, path, _weights);
}
