using Winnow.Gateway.Coordination;
using Winnow.Inference.Cache;
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

    /// <summary>Trees with parents out of range, after their children, of another number, and children twice.</summary>
    BadTrees,

    /// <summary>An exception.</summary>
    Throws,

    /// <summary>Nothing but branches: wrong ones under right keys, under wrong keys, of ended and unknown sequences, each twice.</summary>
    FalseBranches,

    /// <summary>As many branches as it can send.</summary>
    FloodOfBranches,
}

/// <summary>A drafter that answers every question in the worst way.</summary>
internal sealed class HostileDraftClient(Hostility hostility, int vocabularySize) : IDraftClient
{
    private uint _state = 12345;
    private readonly Dictionary<long, List<int>> _known = [];
    private IReadOnlyList<DraftProposal> _before = [];
    private Action<IReadOnlyList<DraftBranch>, TimeSpan> _push = (_, _) => { };

    public void OnBranches(Action<IReadOnlyList<DraftBranch>, TimeSpan> receive) => _push = receive;

    public async ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        if (hostility == Hostility.Late)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        }
        if (hostility is Hostility.FalseBranches or Hostility.FloodOfBranches)
        {
            _push([.. queries.SelectMany(Branches)], TimeSpan.FromDays(-1));
        }
        if (hostility == Hostility.Throws)
        {
            throw new InvalidOperationException("hostile");
        }
        List<DraftProposal> proposals = [.. queries.Select(query => new DraftProposal
        {
            Sequence = hostility == Hostility.WrongSequences ? query.Sequence + 1000 : query.Sequence,
            Tokens = Tokens(query),
            Parents = Parents(query),
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

    // It knows what it was told, so that it can make keys that will be looked up: whatever one token more may be.
    private IEnumerable<DraftBranch> Branches(DraftQuery query)
    {
        if (!_known.TryGetValue(query.Sequence, out List<int>? known) || query.KnownLength == 0)
        {
            _known[query.Sequence] = known = [];
        }
        known.RemoveRange(query.KnownLength, known.Count - query.KnownLength);
        known.AddRange(query.NewTokens);
        ulong hash = PrefixHash.Of([.. known]);
        int count = hostility == Hostility.FloodOfBranches ? 10000 : vocabularySize;
        for (int token = 0; token < count; token++)
        {
            ulong key = token % 7 == 0 ? (ulong)token : PrefixHash.Append(hash, token);
            long sequence = token % 5 == 0 ? query.Sequence + token : query.Sequence;
            int length = token % 11 == 0 ? int.MaxValue : known.Count + 1;
            yield return new DraftBranch { Sequence = sequence, Length = length, PrefixHash = key, Tokens = [Next(), Next(), token % 3 == 0 ? -1 : Next()] };
            if (token % 2 == 0)
            {
                yield return new DraftBranch { Sequence = sequence, Length = length - 1, PrefixHash = hash, Tokens = [.. Enumerable.Repeat(Next(), 100)] };
            }
        }
    }

    private int[] Tokens(DraftQuery query) => hostility switch
    {
        Hostility.IdsOutOfRange => [.. Enumerable.Range(0, query.DraftTokens).Select(i => i % 2 == 0 ? -1 - i : vocabularySize + i)],
        Hostility.EndTokens => [.. Enumerable.Repeat(4, query.DraftTokens)],
        Hostility.TooMany => [.. Enumerable.Range(0, 500).Select(_ => Next())],
        Hostility.None or Hostility.FalseBranches or Hostility.FloodOfBranches => [],
        _ => [.. Enumerable.Range(0, query.DraftTokens).Select(_ => Next())],
    };

    private int[] Parents(DraftQuery query) => hostility != Hostility.BadTrees ? [] : (Next() % 5) switch
    {
        0 => [.. Enumerable.Range(0, query.DraftTokens).Select(_ => (Next() % 9) - 4)],
        1 => [.. Enumerable.Range(1, query.DraftTokens)],
        2 => new int[query.DraftTokens + 3],
        3 => [.. Enumerable.Repeat(int.MinValue, query.DraftTokens)],
        _ => [.. Enumerable.Range(0, query.DraftTokens).Select(i => (Next() % (i + 1)) - 1)],
    };

    private int Next() => (int)((_state = (_state * 1664525) + 1013904223) >> 8) % vocabularySize;
}
