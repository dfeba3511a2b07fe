using Winnow.Gateway.Coordination;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A drafter that knows the fake target and proposes its tokens, right or wrong at will, and checks what it is asked.</summary>
internal sealed class FakeDrafter : IDraftClient
{
    private readonly Dictionary<long, (List<int> Tokens, ulong Seed)> _held = [];

    private Action<IReadOnlyList<DraftBranch>, TimeSpan> _push = (_, _) => { };

    /// <summary>Changes the answer to a call.</summary>
    public Func<IReadOnlyList<DraftQuery>, List<DraftProposal>, IReadOnlyList<DraftProposal>> Alter { get; set; } = static (_, proposals) => proposals;

    /// <summary>Changes the token proposed at a position.</summary>
    public Func<DraftQuery, int, int, int> Token { get; set; } = static (_, _, token) => token;

    /// <summary>Awaited before every answer.</summary>
    public Func<CancellationToken, Task> Delay { get; set; } = static _ => Task.CompletedTask;

    /// <summary>Pushes the branch of what the target will draw, as far as it is asked to draft ahead; may change it.</summary>
    public Func<DraftBranch, DraftBranch>? Ahead { get; set; }

    public List<DraftQuery> Queries { get; } = [];

    /// <summary>What was told of an early exit's expectations.</summary>
    public List<DraftMirror> Mirrors { get; } = [];

    public HashSet<long> Closed { get; } = [];

    public int Held => _held.Count;

    public async ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        foreach (long id in closes)
        {
            Assert.True(Closed.Add(id));
            _held.Remove(id);
        }
        await Delay(cancellation);
        List<DraftProposal> proposals = [];
        foreach (DraftQuery query in queries)
        {
            Assert.DoesNotContain(query.Sequence, Closed);
            Queries.Add(query);
            proposals.Add(Propose(query));
        }
        return Alter(queries, proposals);
    }

    public void OnBranches(Action<IReadOnlyList<DraftBranch>, TimeSpan> receive) => _push = receive;

    public void Mirror(IReadOnlyList<DraftMirror> mirrors) => Mirrors.AddRange(mirrors);

    /// <summary>Forgets everything, as a drafter that started again.</summary>
    public void Forget() => _held.Clear();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private DraftProposal Propose(DraftQuery query)
    {
        if (query.KnownLength == 0)
        {
            _held[query.Sequence] = ([], query.Sampling!.Seed);
        }
        if (!_held.TryGetValue(query.Sequence, out (List<int> Tokens, ulong Seed) held) || held.Tokens.Count < query.KnownLength)
        {
            return new DraftProposal { Sequence = query.Sequence, NeedPrefix = true };
        }
        held.Tokens.RemoveRange(query.KnownLength, held.Tokens.Count - query.KnownLength);
        Assert.Equal(query.PrefixHash, PrefixHash.Of(held.Tokens.ToArray()));
        held.Tokens.AddRange(query.NewTokens);
        ulong hash = PrefixHash.Of(held.Tokens.ToArray());
        var tokens = new int[query.DraftTokens];
        for (int i = 0; i < tokens.Length; i++)
        {
            int right = FakeTarget.Next(hash, held.Seed, FakePipeline.Vocabulary);
            tokens[i] = Token(query, i, right);
            hash = PrefixHash.Append(hash, right);
        }
        if (Ahead is not null && query.AheadTokens > 0)
        {
            _push([Ahead(Branch(query, held.Tokens.Count, PrefixHash.Of(held.Tokens.ToArray()), held.Seed))], TimeSpan.Zero);
        }
        return new DraftProposal { Sequence = query.Sequence, Tokens = tokens };
    }

    // All that is verified is right, or the first of it is wrong: either way the target's own next tokens are known here.
    private static DraftBranch Branch(DraftQuery query, int told, ulong hash, ulong seed)
    {
        int accepted = query.DraftTokens;
        while (query.DraftTokens == 0 && accepted < query.Verifying.Length && Follow(accepted) == query.Verifying[accepted])
        {
            accepted++;
        }
        return new DraftBranch
        {
            Sequence = query.Sequence,
            Length = told + accepted + 1,
            PrefixHash = Enumerable.Range(0, accepted + 1).Aggregate(hash, (before, _) => PrefixHash.Append(before, FakeTarget.Next(before, seed, FakePipeline.Vocabulary))),
            Tokens = [.. Enumerable.Range(accepted + 1, query.AheadTokens).Select(Follow)],
        };

        int Follow(int place)
        {
            ulong at = hash;
            for (int i = 0; i < place; i++)
            {
                at = PrefixHash.Append(at, FakeTarget.Next(at, seed, FakePipeline.Vocabulary));
            }
            return FakeTarget.Next(at, seed, FakePipeline.Vocabulary);
        }
    }
}
