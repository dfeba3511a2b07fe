using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;

namespace Winnow.Law.Tests;

/// <summary>How a hostile drafter misbehaves.</summary>
public enum Hostility
{
    /// <summary>Random token ids.</summary>
    RandomIds,

    /// <summary>Ids below zero and beyond the vocabulary.</summary>
    IdsOutOfRange,

    /// <summary>The end token everywhere.</summary>
    EndTokens,

    /// <summary>Many more tokens than asked for.</summary>
    TooMany,

    /// <summary>No tokens.</summary>
    None,

    /// <summary>An answer after the deadline.</summary>
    Late,

    /// <summary>Sequences nobody asked about, and the same one twice.</summary>
    WrongSequences,

    /// <summary>Every answer twice, the second one another.</summary>
    Twice,

    /// <summary>The answers in reverse order.</summary>
    OutOfOrder,

    /// <summary>The answers to the question before.</summary>
    Stale,

    /// <summary>An exception.</summary>
    Throws,
}

/// <summary>A drafter that answers every question in the worst way.</summary>
internal sealed class HostileDraftClient(Hostility hostility, int vocabularySize) : IDraftClient
{
    private uint _state = 12345;
    private IReadOnlyList<DraftProposal> _before = [];

    public async ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        if (hostility == Hostility.Late)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        if (hostility == Hostility.Throws)
        {
            throw new InvalidOperationException("hostile");
        }
        List<DraftProposal> proposals = [.. queries.Select(query => new DraftProposal
        {
            Sequence = hostility == Hostility.WrongSequences ? query.Sequence + 1000 : query.Sequence,
            Tokens = Tokens(query),
            Confidences = hostility == Hostility.TooMany ? [] : [.. Enumerable.Repeat(2f, query.DraftTokens)],
        })];
        (IReadOnlyList<DraftProposal> before, _before) = (_before, proposals);
        return hostility switch
        {
            Hostility.WrongSequences => [.. proposals, .. proposals],
            Hostility.Twice => [.. proposals, .. queries.Select(query => new DraftProposal { Sequence = query.Sequence, Tokens = Tokens(query) })],
            Hostility.OutOfOrder => [.. proposals.AsEnumerable().Reverse()],
            Hostility.Stale => before,
            _ => proposals,
        };
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private int[] Tokens(DraftQuery query) => hostility switch
    {
        Hostility.IdsOutOfRange => [.. Enumerable.Range(0, query.DraftTokens).Select(i => i % 2 == 0 ? -1 - i : vocabularySize + i)],
        Hostility.EndTokens => [.. Enumerable.Repeat(4, query.DraftTokens)],
        Hostility.TooMany => [.. Enumerable.Range(0, 500).Select(_ => Next())],
        Hostility.None => [],
        _ => [.. Enumerable.Range(0, query.DraftTokens).Select(_ => Next())],
    };

    private int Next() => (int)((_state = (_state * 1664525) + 1013904223) >> 8) % vocabularySize;
}
