using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Local;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Local;

/// <summary>The in-process pipeline and drafter over shards without a model, which check every KV row that they read.</summary>
public sealed class InProcessTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 4)]
    [InlineData(3, 7)]
    public async Task Generate_AnyShardsAndDrafts_EqualsOneShardWithoutDrafts(int shards, int draft)
    {
        GenerationRequest[] requests = [.. Enumerable.Range(0, 8).Select(i => Requests.Of(3 + (2 * i), 16, (ulong)i, i % 3, draft))];
        List<int>[] plain = await RunAsync(1, drafter: false, requests);
        Assert.Equal(plain, await RunAsync(shards, drafter: true, requests));
    }

    [Fact]
    public async Task Generate_ShardThrows_BreaksThePipelineWithItsReason()
    {
        var shard = new FakeShard(FakeShard.Shape()) { OnForward = static () => throw new InvalidOperationException("the device is on fire") };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FixedReplicaSource(new InProcessPipeline([new ShardEngine(shard)])));
        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut, Requests.Of(4, 4)));
        Assert.Equal(GenerationErrors.Unavailable, error.Type);
    }

    [Fact]
    public void Constructor_ShardMissing_NamesTheLayer()
    {
        ShardEngine second = new(new FakeShard(FakeShard.Shape(1, 2)));
        ArgumentException error = Assert.Throws<ArgumentException>(() => new InProcessPipeline([second]));
        Assert.Contains("begins at layer '1'", error.Message);
    }

    [Fact]
    public async Task Propose_WhileManyRoundsWait_AnswersEmptyAtOnce()
    {
        using var entered = new ManualResetEventSlim();
        using var leave = new ManualResetEventSlim();
        var shard = new FakeShard(FakeShard.Shape())
        {
            OnForward = () =>
            {
                entered.Set();
                leave.Wait(TestLimits.Patience);
            },
        };
        await using var sut = new InProcessDraftClient(new DraftEngine(shard));
        Task<IReadOnlyList<DraftProposal>>[] open = [.. Enumerable.Range(1, 4).Select(i => sut.ProposeAsync([Query(i)], [], CancellationToken.None).AsTask())];
        Assert.True(entered.Wait(TestLimits.Patience));
        Assert.Empty(await sut.ProposeAsync([Query(5)], [], CancellationToken.None));
        leave.Set();
        Assert.All(await Task.WhenAll(open), answer => Assert.Equal(2, answer[0].Tokens.Length));
    }

    [Fact]
    public async Task Mirror_EngineFailsAtIt_TheNextRoundIsAnswered()
    {
        var engine = new EngineThatFailsAtMirrors();
        await using var sut = new InProcessDraftClient(engine);

        sut.Mirror([new DraftMirror(1, 3, 0, 1, [2], [0])]);

        Assert.Single(await sut.ProposeAsync([Query(1)], [], CancellationToken.None).AsTask().WaitAsync(TestLimits.Patience));
        Assert.True(engine.IsAheadCleared);
    }

    private static DraftQuery Query(long sequence) => new()
    {
        Sequence = sequence,
        KnownLength = 0,
        PrefixHash = Inference.Cache.PrefixHash.Empty,
        NewTokens = [1, 2, 3],
        DraftTokens = 2,
        PromptTokens = 3,
        Sampling = SamplingParameters.Greedy,
    };

    private static async Task<List<int>[]> RunAsync(int shards, bool drafter, GenerationRequest[] requests)
    {
        ShardEngine[] engines = [.. Enumerable.Range(0, shards).Select(i => new ShardEngine(new FakeShard(FakeShard.Shape(i, shards))))];
        InProcessDraftClient? draft = drafter ? new InProcessDraftClient(new DraftEngine(new FakeShard(FakeShard.Shape()))) : null;
        var options = new CoordinatorOptions { MaxSequences = 5, PrefillChunkTokens = 5 };
        await using Coordinator sut = await TestCoordinator.StartAsync(new FixedReplicaSource(new InProcessPipeline(engines), draft), options);
        return await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
    }

    private sealed class EngineThatFailsAtMirrors : IDraftEngine
    {
        public bool IsAheadCleared { get; private set; }

        public IReadOnlyList<DraftProposal> Propose(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation) =>
            [.. queries.Select(query => new DraftProposal { Sequence = query.Sequence, Tokens = [1] })];

        public void Mirror(DraftMirror mirror) => throw new InvalidOperationException("the device is on fire");

        public void ClearAhead() => IsAheadCleared = true;

        public void Dispose()
        {
        }
    }
}
