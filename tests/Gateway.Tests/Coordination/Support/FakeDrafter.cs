using Winnow.Gateway.Coordination;
using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A drafter that knows the fake target and proposes its tokens, right or wrong at will, and checks what it is asked.</summary>
internal sealed class FakeDrafter : IDraftClient
{
    private readonly Dictionary<long, (List<int> Tokens, ulong Seed)> _held = [];

    /// <summary>Changes the answer to a call.</summary>
    public Func<IReadOnlyList<DraftQuery>, List<DraftProposal>, IReadOnlyList<DraftProposal>> Alter { get; set; } = static (_, proposals) => proposals;

    /// <summary>Changes the token proposed at a position.</summary>
    public Func<DraftQuery, int, int, int> Token { get; set; } = static (_, _, token) => token;

    /// <summary>Awaited before every answer.</summary>
    public Func<CancellationToken, Task> Delay { get; set; } = static _ => Task.CompletedTask;

    public List<DraftQuery> Queries { get; } = [];

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
        return new DraftProposal { Sequence = query.Sequence, Tokens = tokens };
    }
}
