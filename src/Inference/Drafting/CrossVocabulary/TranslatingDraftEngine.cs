using Winnow.Inference.Cache;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// A draft model with another vocabulary than the target's: what is committed is told to it in its own tokens, and what it drafts is proposed in the
/// target's (OmniDraft, 2507.02659). A token that both have is drawn with the same noise. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>A proposal is only a guess: the target draws its own tokens, so that a wrong translation costs speed alone.</remarks>
public sealed class TranslatingDraftEngine : IDraftEngine
{
    private const int CachedRuns = 4096;
    private const int MaxTargetTokensPerDraftToken = 8;

    private readonly DraftEngine _inner;
    private readonly VocabularyBridge _bridge;
    private readonly ContinuationEncoder _draftEncoder;
    private readonly RunCache _runs = new(CachedRuns);
    private readonly DraftTranslator _translator;
    private readonly Dictionary<long, TranslatedSequence> _sequences = [];
    private readonly int _maxSequences;
    private long _round;

    /// <summary>Makes a draft model speak the target's tokens.</summary>
    /// <param name="shard">All layers of the draft model; disposed with the engine.</param>
    /// <param name="bridge">The two vocabularies.</param>
    /// <param name="options">Limits.</param>
    /// <exception cref="ArgumentException">The shard is not a whole model.</exception>
    public TranslatingDraftEngine(Graph.IShard shard, VocabularyBridge bridge, DraftEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(bridge);
        options ??= new DraftEngineOptions();
        _inner = new DraftEngine(shard, options, bridge.NoiseIds(shard.Spec.VocabularySize));
        _bridge = bridge;
        _draftEncoder = new ContinuationEncoder(bridge.Draft);
        _translator = new DraftTranslator(bridge, new ContinuationEncoder(bridge.Target), _runs);
        _maxSequences = options.MaxSequences;
    }

    /// <summary>Runs of draft tokens known to be a token of the target.</summary>
    internal int KnownRuns => _runs.Count;

    /// <inheritdoc/>
    public IReadOnlyList<DraftProposal> Propose(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        _round++;
        foreach (long sequence in closes)
        {
            _sequences.Remove(sequence);
        }
        DraftProposal[] proposals = new DraftProposal[queries.Count];
        List<DraftQuery> asked = new(queries.Count);
        List<int> places = new(queries.Count);
        for (int i = 0; i < queries.Count; i++)
        {
            TranslatedSequence? sequence = Tell(queries[i], out bool needPrefix);
            proposals[i] = new DraftProposal { Sequence = queries[i].Sequence, NeedPrefix = needPrefix };
            if (sequence is not null && sequence.Draft.Length > 0)
            {
                asked.Add(Translate(queries[i], sequence));
                places.Add(i);
            }
        }
        IReadOnlyList<DraftProposal> answers = _inner.Propose(asked, closes, cancellation);
        for (int i = 0; i < answers.Count; i++)
        {
            DraftQuery query = queries[places[i]];
            proposals[places[i]] = answers[i].NeedPrefix
                ? answers[i]
                : _translator.Translate(answers[i], _sequences[query.Sequence].Pending, query.DraftTokens);
        }
        return proposals;
    }

    /// <inheritdoc/>
    public void Dispose() => _inner.Dispose();

    private TranslatedSequence? Tell(DraftQuery query, out bool needPrefix)
    {
        needPrefix = false;
        TranslatedSequence? sequence = _sequences.GetValueOrDefault(query.Sequence);
        if (!IsSound(query) || sequence?.LastRound == _round)
        {
            return null;
        }
        bool holds = sequence is not null && query.KnownLength <= sequence.Chain.Length
            && sequence.Chain.HashAt(query.KnownLength) == query.PrefixHash;
        needPrefix = sequence is null
            ? query.KnownLength > 0 || query.Sampling is null
            : !holds && (query.KnownLength > 0 || query.PrefixHash != PrefixHash.Empty);
        if (needPrefix)
        {
            return null;
        }
        if (sequence is null && _sequences.Count >= _maxSequences && !Evict())
        {
            return null;
        }
        sequence ??= Add(query.Sequence);
        sequence.LastRound = _round;
        sequence.Sampling = query.Sampling is null ? null : Translate(query.Sampling);
        sequence.Tell(query.KnownLength, query.NewTokens);
        return sequence;
    }

    // The least recently asked goes, but none that this round has asked for.
    private bool Evict()
    {
        (long id, TranslatedSequence oldest) = _sequences.MinBy(pair => pair.Value.LastRound);
        return oldest.LastRound < _round && _sequences.Remove(id);
    }

    private TranslatedSequence Add(long id)
    {
        TranslatedSequence sequence = new(_bridge, _draftEncoder, _runs);
        _sequences.Add(id, sequence);
        return sequence;
    }

    /// <summary>
    /// The same question in the draft model's tokens. The prompt's length is chosen so that the draft's next token has the target's generation index: the
    /// index, with the token, is what the noise is drawn by.
    /// </summary>
    private static DraftQuery Translate(DraftQuery query, TranslatedSequence sequence)
    {
        int generated = sequence.Chain.Length - query.PromptTokens;
        return new DraftQuery
        {
            Sequence = query.Sequence,
            KnownLength = 0,
            PrefixHash = PrefixHash.Empty,
            NewTokens = [.. sequence.Draft],
            DraftTokens = (int)Math.Ceiling(query.DraftTokens * sequence.Ratio),
            PromptTokens = Math.Max(1, sequence.Draft.Length - generated),
            Sampling = sequence.Sampling,
        };
    }

    private SamplingParameters Translate(SamplingParameters sampling)
    {
        Dictionary<int, float> bias = [];
        foreach ((int token, float value) in sampling.LogitBias)
        {
            bias[_bridge.ToDraft(token)] = value;
        }
        bias.Remove(VocabularyBridge.None);
        int[] banned = [.. sampling.BannedTokens.Select(_bridge.ToDraft).Where(token => token != VocabularyBridge.None).Distinct()];
        // A translated draft has no distribution to tell, so that the target draws by itself, and a draft with the same noise is the likeliest to be kept.
        return sampling with { LogitBias = bias, BannedTokens = banned, Rule = AcceptanceRule.Coupled };
    }

    private bool IsSound(DraftQuery query) =>
        query.KnownLength >= 0
        && query.DraftTokens >= 0
        && query.NewTokens.Length <= ((long)MaxTargetTokensPerDraftToken * _inner.Spec.ContextTokens) - query.KnownLength
        && query.KnownLength + query.NewTokens.Length > 0
        && query.PromptTokens >= 1
        && query.PromptTokens <= query.KnownLength + query.NewTokens.Length
        && !query.NewTokens.AsSpan().ContainsAnyExceptInRange(0, _bridge.Target.VocabularySize - 1)
        && (query.Sampling is null || query.Sampling.Validate(_bridge.Target.VocabularySize).Count == 0);
}
