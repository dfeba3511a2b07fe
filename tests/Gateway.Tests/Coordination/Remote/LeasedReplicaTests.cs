using Microsoft.Extensions.Logging.Abstractions;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Hosting;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A coordinator over real gRPC streams, with the worker's engine faked behind them.</summary>
public sealed class LeasedReplicaTests : IAsyncLifetime
{
    private readonly ClusterChannels _channels = new(new ClusterToken("secret"));
    private readonly TemporaryFolder _folder = new();
    private FakeWorker _worker = null!;
    private FakeReplicaGrain _grain = null!;
    private TimeSpan _stallTimeout = TimeSpan.FromSeconds(5);

    public async Task InitializeAsync()
    {
        _worker = await FakeWorker.StartAsync();
        _grain = new FakeReplicaGrain(Placement(_worker.Address), TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        _channels.Dispose();
        await _worker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Generate_OverGrpc_GivesTheTargetsTokensWithDrafts()
    {
        await using Coordinator sut = await StartAsync();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 6).Select(i => Requests.Of(5 + i, 20, (ulong)i, i, 3))];
        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut, request)));
        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        await WaitForDraftsAsync(sut);
        Assert.Equal("Bearer secret", _worker.Authorization);
        Assert.All(_worker.Steps, step => Assert.Equal((FakeWorker.Replica, 1L), (step.Replica, step.Epoch)));
    }

    [Fact]
    public async Task Generate_EverySamplingField_ReachesTheWorker()
    {
        await using Coordinator sut = await StartAsync();
        var sampling = new SamplingParameters
        {
            Temperature = 0.5f,
            TopK = 7,
            TopP = 0.9f,
            MinP = 0.1f,
            RepetitionPenalty = 1.1f,
            PresencePenalty = 0.2f,
            FrequencyPenalty = 0.3f,
            LogitBias = new Dictionary<int, float> { [3] = -5 },
            BannedTokens = [9],
            Seed = ulong.MaxValue,
            Choice = 2,
            Logprobs = true,
            TopLogprobs = 2,
        };
        List<GeneratedTokens> steps = await Requests.StepsAsync(sut, Requests.Of(5, 3) with { Sampling = sampling });
        Contracts.V1.SamplingParameters sent = _worker.Steps[0].Opens[0].Sampling;
        Assert.Equal((0.5f, 7, 0.9f, 0.1f), (sent.Temperature, sent.TopK, sent.TopP, sent.MinP));
        Assert.Equal((1.1f, 0.2f, 0.3f, -5f), (sent.RepetitionPenalty, sent.PresencePenalty, sent.FrequencyPenalty, sent.LogitBias[3]));
        Assert.Equal((ulong.MaxValue, 2, true, 2), (sent.Seed, sent.Choice, sent.Logprobs, sent.TopLogprobs));
        Assert.Equal([9], sent.BannedTokens);
        Assert.Equal([1, 2], steps[0].Logprobs[0].TopIds);
    }

    [Fact]
    public async Task Generate_StepStreamBreaks_GoesOnWithNewStreams()
    {
        bool broken = false;
        _worker.BeforeStep = step =>
        {
            if (!broken && step.Sequences.Any(rows => rows.BaseLength > 12))
            {
                broken = true;
                throw new IOException("the device is gone");
            }
        };
        await using Coordinator sut = await StartAsync();
        GenerationRequest request = Requests.Of(6, 30);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(2, _worker.StepStreams);
    }

    [Fact]
    public async Task Generate_DraftRepliesLate_AreDroppedByTheirRound()
    {
        _worker.AlterDraft = static reply => new Contracts.V1.DraftReply(reply) { Round = reply.Round - 1 };
        await using Coordinator sut = await StartAsync(new CoordinatorOptions { DraftDeadline = TimeSpan.FromMilliseconds(30) });
        GenerationRequest request = Requests.Of(6, 12, draft: 3);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(0, sut.Status.Drafted);
    }

    [Fact]
    public async Task Generate_DraftWorkerIsSlow_IsNotAskedAgainBeforeItAnswers()
    {
        await using Coordinator sut = await StartAsync(new CoordinatorOptions { DraftDeadline = TimeSpan.FromMilliseconds(30) });
        await WaitForDraftsAsync(sut);
        int rounds = 0;
        _worker.AlterDraft = reply =>
        {
            rounds += reply.Proposals.Count > 0 ? 1 : 0;
            return null;
        };
        // It may rest at first, if the warm-up was slow.
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (rounds == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Requests.RunAsync(sut, Requests.Of(5, 20, draft: 3));
        }
        GenerationRequest request = Requests.Of(6, 40, draft: 3);
        Assert.Equal(Requests.Expected(request), await Requests.RunAsync(sut, request));
        Assert.Equal(1, rounds);
    }

    [Fact]
    public async Task Generate_DraftWorkerAnswersNothing_ItsStreamIsOpenedAgain()
    {
        _stallTimeout = TimeSpan.FromMilliseconds(50);
        bool answers = false;
        _worker.AlterDraft = reply => answers ? reply : null;
        await using Coordinator sut = await StartAsync(new CoordinatorOptions { DraftDeadline = TimeSpan.FromMilliseconds(10) });
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (_worker.DraftStreams < 2)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Requests.RunAsync(sut, Requests.Of(5, 20, draft: 3));
        }
        answers = true;
        await WaitForDraftsAsync(sut);
    }

    [Fact]
    public async Task Dispose_HoldingTheLease_GivesItBack()
    {
        Coordinator sut = await StartAsync();
        await sut.DisposeAsync();
        Assert.Equal(1, _grain.Releases);
    }

    [Fact]
    public async Task Acquire_LeaseHeldByAnother_WaitsUntilItIsFree()
    {
        _grain.Holder = "another";
        Task<Coordinator> starting = StartAsync();
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (_grain.Acquisitions < 3)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        Assert.False(starting.IsCompleted);
        _grain.Holder = "";
        await using Coordinator sut = await starting;
        Assert.Equal(1, sut.Shape!.Epoch);
    }

    [Fact]
    public async Task Obstacle_LeaseHeldByAnother_NamesItUntilItIsFree()
    {
        _grain.Holder = "another";
        await using LeasedReplicaSource sut = Source();
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        Task<Replica> acquiring = sut.AcquireAsync(limit.Token);
        while (sut.Obstacle is null)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        Assert.Contains("'another'", sut.Obstacle, StringComparison.Ordinal);
        _grain.Holder = "";
        await using Replica replica = await acquiring;
        Assert.Null(sut.Obstacle);
        Assert.True(replica.IsTakeover);
    }

    [Fact]
    public async Task Acquire_ModelFileCannotBeRead_LeavesTheLeaseToAnother()
    {
        _grain.Placement = _grain.Placement with { Model = _grain.Placement.Model with { ModelPath = "missing.gguf" } };
        await using LeasedReplicaSource sut = Source();
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        Task<Replica> acquiring = sut.AcquireAsync(limit.Token);
        while (_grain.Holder != "me")
        {
            await Task.Yield();
        }
        await _grain.AcquireLease("another", "http://127.0.0.1:1", "");
        while (_grain.Holder != "another" || !sut.IsStandby)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        await limit.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => acquiring);
    }

    [Fact]
    public async Task Acquire_LeaseFree_IsNoTakeover()
    {
        await using LeasedReplicaSource sut = Source();
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        await using Replica replica = await sut.AcquireAsync(limit.Token);
        Assert.False(replica.IsTakeover);
    }

    [Fact]
    public async Task Renew_EpochHasGrown_MovesToTheNewEpoch()
    {
        await using Coordinator sut = await StartAsync();
        GenerationRequest request = Requests.Of(6, 240) with { Speculation = SpeculationOptions.Off };
        Task<List<int>> run = Requests.RunAsync(sut, request);
        _grain.Epoch = 2;
        await sut.UntilAsync(_ => sut.Shape?.Epoch == 2);
        Assert.Equal(Requests.Expected(request), await run);
    }

    [Fact]
    public async Task Renew_DraftWorkerComesLater_DraftsWithoutNewStepStreams()
    {
        ShardPlacement draft = _grain.Placement.Draft!;
        _grain.Placement = _grain.Placement with { Draft = null };
        await using Coordinator sut = await StartAsync();
        GenerationRequest request = Requests.Of(6, 20, draft: 3);
        List<int> without = await Requests.RunAsync(sut, request);
        long drafted = sut.Status.Drafted;

        _grain.Placement = _grain.Placement with { Draft = draft };

        await WaitForDraftsAsync(sut);
        Assert.Equal(Requests.Expected(request), without);
        Assert.Equal((0L, 1), (drafted, _worker.StepStreams));
    }

    [Fact]
    public async Task Generate_StepStreamBreaks_ItsEpochIsReported()
    {
        bool broken = false;
        _worker.BeforeStep = _ =>
        {
            if (!broken)
            {
                broken = true;
                throw new IOException("the device is gone");
            }
        };
        await using Coordinator sut = await StartAsync();
        await Requests.RunAsync(sut, Requests.Of(6, 4));
        Assert.Equal([1L], _grain.Broken);
    }

    private async Task WaitForDraftsAsync(Coordinator sut)
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (sut.Status.Accepted == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            await Requests.RunAsync(sut, Requests.Of(5, 20, draft: 3));
        }
    }

    private Task<Coordinator> StartAsync(CoordinatorOptions? options = null) => TestCoordinator.StartAsync(Source(), options, TimeProvider.System);

    private LeasedReplicaSource Source()
    {
        var replica = new ReplicaOptions
        {
            GatewayId = "me",
            RetryDelay = TimeSpan.FromMilliseconds(1),
            MaxRetryDelay = TimeSpan.FromMilliseconds(5),
            RenewInterval = TimeSpan.FromMilliseconds(10),
            DraftStallTimeout = _stallTimeout,
        };
        var lease = new ReplicaLease("test/0", _grain, replica, TimeProvider.System, NullLogger.Instance);
        return new LeasedReplicaSource(_grain, lease, _channels, replica, TimeProvider.System, NullLoggerFactory.Instance);
    }

    private ReplicaPlacement Placement(string address) => new()
    {
        Replica = FakeWorker.Replica,
        Epoch = 1,
        Model = new ModelDefinition { Name = "test", ModelPath = TinyModel(), DraftPath = "draft", KvBlockTokens = 4 },
        Shards = [Shard(0, address), Shard(1, address)],
        Draft = Shard(0, address),
        DraftReplica = $"{FakeWorker.Replica}/draft",
        KvBlocks = 64,
        ContextTokens = 512,
    };

    private static ShardPlacement Shard(int index, string address) => new()
    {
        Index = index,
        FirstLayer = index,
        LastLayer = index + 1,
        WorkerId = "fake",
        Address = address,
    };

    private string TinyModel() => _folder.Write("tiny.gguf", new TinyLlama().Build().ToBytes());
}
