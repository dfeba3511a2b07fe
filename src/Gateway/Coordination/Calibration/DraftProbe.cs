using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>
/// Rounds of the draft model for so many tokens, of all sequences together. Each round asks for sequences of its own, and closes those of the one before: a drafter learns
/// how sure it may be from what becomes of its drafts, and must learn nothing here.
/// </summary>
/// <param name="drafter">The drafter, of which nothing else is asked meanwhile.</param>
/// <param name="options">Limits of drafts.</param>
/// <param name="shape">The target's sizes.</param>
internal sealed class DraftProbe(IDraftClient drafter, CoordinatorOptions options, PipelineShape shape) : ICalibrationProbe
{
    // The round after a draft that was kept in part tells a token or two.
    private const int ToldTokens = 2;
    private const int LongestChain = 4;

    // Ids that no sequence of the coordinator comes to.
    private long _next = long.MaxValue;
    private List<long> _open = [];

    /// <inheritdoc />
    public IReadOnlyList<int> Sizes { get; } = [.. SizesOf(options)];

    /// <inheritdoc />
    public async Task<bool> RunAsync(int size, CancellationToken cancellation)
    {
        int sequences = Math.Max(1, size / Longest(options));
        int each = size / sequences;
        List<long> closes = _open;
        _open = [];
        var queries = new List<DraftQuery>(sequences);
        for (int i = 0; i < sequences; i++)
        {
            _open.Add(_next--);
            queries.Add(new DraftQuery
            {
                Sequence = _open[^1],
                KnownLength = 0,
                PrefixHash = PrefixHash.Empty,
                NewTokens = SomeTokens.Of(i, ToldTokens, shape.VocabularySize),
                DraftTokens = each,
                PromptTokens = ToldTokens,
                Sampling = SamplingParameters.Greedy,
            });
        }
        IReadOnlyList<DraftProposal> proposals = await drafter.ProposeAsync(queries, closes, cancellation).ConfigureAwait(false);
        return proposals.Count == sequences && proposals.All(proposal => proposal?.Tokens?.Length == each);
    }

    /// <inheritdoc />
    public async Task CloseAsync(CancellationToken cancellation)
    {
        if (_open.Count > 0)
        {
            await drafter.ProposeAsync([], _open, cancellation).ConfigureAwait(false);
            _open = [];
        }
    }

    private static IEnumerable<int> SizesOf(CoordinatorOptions options)
    {
        for (int size = 1; size <= Longest(options) * options.MaxSequences; size *= 2)
        {
            yield return size;
        }
    }

    private static int Longest(CoordinatorOptions options) => Math.Min(LongestChain, options.MaxDraftTokens);
}
