using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Coordination.Forwarding;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Tests.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Forwarding;

/// <summary>Two gateways over one replica, over real gRPC.</summary>
public sealed class SharedReplicaTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private FakeWorker _worker = null!;
    private FakeReplicaGrain _grain = null!;

    public async Task InitializeAsync()
    {
        _worker = await FakeWorker.StartAsync();
        _grain = new FakeReplicaGrain(Placement(_worker.Address), TimeProvider.System);
    }

    public async Task DisposeAsync()
    {
        await _worker.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Generate_AnotherCoordinates_IsForwardedWithTheSameTokens()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync();
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Requests.Of(5 + i, 20, (ulong)i, i, 3))];

        List<int>[] outputs = await Task.WhenAll(requests.Select(request => Requests.RunAsync(sut.Replica, request)));

        Assert.All(requests.Zip(outputs), pair => Assert.Equal(Requests.Expected(pair.First), pair.Second));
        Assert.Null(sut.Coordinator.Shape);
        Assert.Equal(80, holder.Coordinator.Status.Generated);
    }

    [Fact]
    public async Task Generate_Forwarded_CarriesLogprobsAndSampling()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync();
        GenerationRequest request = Requests.Of(5, 6) with { Sampling = new SamplingParameters { Seed = 7, Logprobs = true, LogitBias = new Dictionary<int, float> { [3] = -5 } } };

        List<GeneratedTokens> steps = await Requests.StepsAsync(sut.Replica, request);

        Assert.All(steps, step => Assert.Equal(step.Tokens.Count, step.Logprobs.Count));
        Assert.Equal(FinishReason.Length, steps[^1].Finish);
        Assert.Equal(-5, _worker.Steps.SelectMany(step => step.Opens).First().Sampling.LogitBias[3]);
    }

    [Fact]
    public async Task Generate_ForwardedAndCancelled_FreesTheSlotThere()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync();

        await foreach (GeneratedTokens step in sut.Replica.GenerateAsync(Requests.Of(5, 240), CancellationToken.None))
        {
            break;
        }

        await UntilAsync(() => holder.Coordinator.Status is { Running: 0, Waiting: 0 });
    }

    [Fact]
    public async Task Generate_Refused_TellsTheHoldersReason()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync();

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut.Replica, Requests.Of(5, 4000)));

        Assert.Equal(GenerationErrors.ContextExceeded, error.Type);
    }

    [Fact]
    public async Task Generate_ForwardedForAnotherContentOfTheModel_IsRefused()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync();

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut.Replica, Requests.Of(5, 4) with { Content = "c2" }));

        Assert.Equal(GenerationErrors.ModelChanged, error.Type);
        Assert.Equal(4, (await Requests.RunAsync(sut.Replica, Requests.Of(5, 4) with { Content = "c1" })).Count);
    }

    [Fact]
    public async Task Generate_WrongToken_IsRefusedAtOnce()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync(token: "wrong");

        GenerationException error = await Assert.ThrowsAsync<GenerationException>(() => Requests.RunAsync(sut.Replica, Requests.Of(5, 4)));

        Assert.Equal(GenerationErrors.Unavailable, error.Type);
        Assert.Empty(_grain.Lost);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task GiveWay_OtherReplicaGetsTheResume_TheOlderRunEndsWhereverItIsCoordinated(bool isElsewhere)
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway standby = await StandbyAsync();
        GenerationRequest request = Requests.Of(5, 100) with { Speculation = SpeculationOptions.Off };
        using ManualResetEventSlim goesOn = HoldAfter(request, tokens: 20);
        Task<List<int>> older = Requests.RunAsync(standby.Replica, request);
        await UntilAsync(() => holder.Coordinator.Status.Generated == 20);

        await (isElsewhere ? standby : holder).Replica.GiveWayAsync(RunName.Of(request), Limit());

        Assert.Equal(GenerationErrors.TakenOver, (await Assert.ThrowsAsync<GenerationException>(() => older)).Type);
        goesOn.Set();
    }

    [Fact]
    public async Task Generate_ResumeGoesToAnotherReplicaOfTheModel_TheOlderRunEnds()
    {
        await using FakeWorker worker = await FakeWorker.StartAsync();
        var grain = new FakeReplicaGrain(Placement(worker.Address), TimeProvider.System);
        await using TestGateway first = await HolderAsync();
        await using TestGateway second = await TestGateway.StartAsync("c", grain);
        await UntilAsync(() => second.Coordinator.Shape is not null);
        var sut = new ReplicaRouter(TimeProvider.System);
        sut.Add(0, first.Replica);
        sut.Add(1, second.Replica);
        GenerationRequest request = Requests.Of(5, 100) with { Speculation = SpeculationOptions.Off };
        using ManualResetEventSlim goesOn = HoldAfter(request, tokens: 20);
        Task<List<int>> older = Requests.RunAsync(sut, request);
        await UntilAsync(() => first.Coordinator.Status.Generated == 20);

        List<int> tokens = await Requests.RunAsync(sut, request with { TakesOver = true });

        Assert.Equal(GenerationErrors.TakenOver, (await Assert.ThrowsAsync<GenerationException>(() => older)).Type);
        Assert.Equal(Requests.Expected(request), tokens);
        Assert.Equal(100, second.Coordinator.Status.Generated);
        goesOn.Set();
    }

    [Fact]
    public async Task GiveWay_HolderIsGone_IsNotWaitedFor()
    {
        TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync(standby: TimeSpan.FromMinutes(1));
        await KillAsync(holder, "a");

        await sut.Replica.GiveWayAsync(RunName.Of(Requests.Of(5, 4)), Limit());

        await holder.Coordinator.DisposeAsync();
    }

    [Fact]
    public async Task Generate_HolderDies_GoesOnHereWithTheSameTokens()
    {
        TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync(standby: TimeSpan.FromMinutes(1));
        GenerationRequest request = Requests.Of(5, 200);
        var tokens = new List<int>();

        await foreach (GeneratedTokens step in sut.Replica.GenerateAsync(request, Limit()))
        {
            tokens.AddRange(step.Tokens);
            if (tokens.Count == 10)
            {
                await KillAsync(holder, "a");
            }
        }

        Assert.Equal(Requests.Expected(request), tokens);
        Assert.Contains("a", _grain.Lost);
        Assert.NotNull(sut.Coordinator.Shape);
        await holder.Coordinator.DisposeAsync();
    }

    [Fact]
    public async Task Generate_HolderDiesLongAfterTheLastToken_GoesOnHere()
    {
        TestGateway holder = await HolderAsync();
        var time = new ManualTime();
        await using TestGateway sut = await StandbyAsync(replicaTime: time);
        GenerationRequest request = Requests.Of(5, 200);
        var tokens = new List<int>();

        await foreach (GeneratedTokens step in sut.Replica.GenerateAsync(request, Limit()))
        {
            tokens.AddRange(step.Tokens);
            if (tokens.Count == 10)
            {
                time.Advance(TimeSpan.FromMinutes(2));
                await KillAsync(holder, "a");
            }
        }

        Assert.Equal(Requests.Expected(request), tokens);
        Assert.Contains("a", _grain.Lost);
        await holder.Coordinator.DisposeAsync();
    }

    [Fact]
    public async Task Generate_HolderDiesAfterALongStandby_GoesOnHere()
    {
        TestGateway holder = await HolderAsync();
        var time = new ManualTime();
        await using TestGateway sut = await StandbyAsync(coordinatorTime: time);
        int asked = _grain.Acquisitions;
        await UntilAsync(() => _grain.Acquisitions > asked + 1);
        time.Advance(new CoordinatorOptions().RecoveryTimeout);
        GenerationRequest request = Requests.Of(5, 200);
        var tokens = new List<int>();

        await foreach (GeneratedTokens step in sut.Replica.GenerateAsync(request, Limit()))
        {
            tokens.AddRange(step.Tokens);
            if (tokens.Count == 10)
            {
                await KillAsync(holder, "a");
            }
        }

        Assert.Equal(Requests.Expected(request), tokens);
        await holder.Coordinator.DisposeAsync();
    }

    [Fact]
    public async Task HandOver_AnotherWaits_RunningGenerationsGoOnThereWithTheSameTokens()
    {
        await using TestGateway leaving = await HolderAsync();
        await using TestGateway sut = await StandbyAsync(standby: TimeSpan.FromMilliseconds(50));
        GenerationRequest own = Requests.Of(5, 60), forwarded = Requests.Of(6, 60, seed: 2);
        var tokens = new List<int>();
        await using IAsyncEnumerator<GeneratedTokens> other = sut.Replica.GenerateAsync(forwarded, Limit()).GetAsyncEnumerator();
        Assert.True(await other.MoveNextAsync());
        var others = new List<int>(other.Current.Tokens);

        await foreach (GeneratedTokens step in leaving.Replica.GenerateAsync(own, Limit()))
        {
            tokens.AddRange(step.Tokens);
            if (tokens.Count == 10)
            {
                Assert.True(await leaving.Replica.HandOverAsync(CancellationToken.None));
            }
        }
        while (await other.MoveNextAsync())
        {
            others.AddRange(other.Current.Tokens);
        }

        Assert.Equal(Requests.Expected(own), tokens);
        Assert.Equal(Requests.Expected(forwarded), others);
        Assert.Equal("b", _grain.Holder);
        Assert.True(leaving.Replica.IsServing);
    }

    [Fact]
    public async Task HandOver_TheOtherDiesAtOnce_GoesOnHereAfterAll()
    {
        await using TestGateway leaving = await HolderAsync();
        TestGateway other = await StandbyAsync(standby: TimeSpan.FromMilliseconds(50));
        GenerationRequest request = Requests.Of(5, 200);
        var tokens = new List<int>();

        await foreach (GeneratedTokens step in leaving.Replica.GenerateAsync(request, Limit()))
        {
            tokens.AddRange(step.Tokens);
            if (tokens.Count == 10)
            {
                await KillAsync(other, "b");
                Assert.True(await leaving.Replica.HandOverAsync(CancellationToken.None));
            }
        }

        Assert.Equal(Requests.Expected(request), tokens);
        Assert.Equal("a", _grain.Holder);
        await other.Coordinator.DisposeAsync();
    }

    [Fact]
    public async Task HandOver_WhileAnotherCoordinates_IsNotGivenTheLease()
    {
        await using TestGateway holder = await HolderAsync();
        await using TestGateway sut = await StandbyAsync(standby: TimeSpan.FromMilliseconds(2));
        await UntilAsync(() => _grain.Waiting.Id == "b");

        bool isElsewhere = await sut.Replica.HandOverAsync(CancellationToken.None);
        bool isGiven = await holder.Replica.HandOverAsync(CancellationToken.None);

        Assert.Equal((true, false, "a"), (isElsewhere, isGiven, _grain.Holder));
    }

    [Fact]
    public async Task HandOver_NobodyWaits_ChangesNothing()
    {
        await using TestGateway sut = await HolderAsync();

        Assert.False(await sut.Replica.HandOverAsync(CancellationToken.None));

        Assert.Equal("a", _grain.Holder);
    }

    // Steps of a request that does not speculate wait when it has so many tokens.
    private ManualResetEventSlim HoldAfter(GenerationRequest request, int tokens)
    {
        var goesOn = new ManualResetEventSlim();
        _worker.BeforeStep = step =>
        {
            if (step.Sequences.Any(rows => rows.BaseLength + rows.Tokens.Count > request.PromptTokens.Count + tokens - 1))
            {
                goesOn.Wait(TestLimits.Patience);
            }
        };
        return goesOn;
    }

    private async Task<TestGateway> HolderAsync()
    {
        TestGateway gateway = await TestGateway.StartAsync("a", _grain);
        await UntilAsync(() => gateway.Coordinator.Shape is not null);
        return gateway;
    }

    private async Task<TestGateway> StandbyAsync(string token = "secret", TimeSpan? standby = null, TimeProvider? coordinatorTime = null, TimeProvider? replicaTime = null)
    {
        TestGateway gateway = await TestGateway.StartAsync("b", _grain, token, standby: standby, coordinatorTime: coordinatorTime, replicaTime: replicaTime);
        await UntilAsync(() => gateway.Replica.IsServing);
        return gateway;
    }

    // Without its death in the grain, the half of it that goes on here would race for the lease that it lost.
    private async Task KillAsync(TestGateway gateway, string id)
    {
        lock (_grain.Lost)
        {
            _grain.Dead.Add(id);
        }
        await gateway.KillAsync();
    }

    private static CancellationToken Limit() => new CancellationTokenSource(TestLimits.Patience).Token;

    private static async Task UntilAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(2), TimeProvider.System, limit.Token);
        }
    }

    private ReplicaPlacement Placement(string address) => new()
    {
        Replica = FakeWorker.Replica,
        Epoch = 1,
        Model = new ModelDefinition { Name = "test", ModelPath = _folder.Write("tiny.gguf", new TinyLlama().Build().ToBytes()), KvBlockTokens = 4 },
        Shards = [Shard(0, address), Shard(1, address)],
        KvBlocks = 64,
        ContextTokens = 256,
    };

    private static ShardPlacement Shard(int index, string address) => new()
    {
        Index = index,
        FirstLayer = index,
        LastLayer = index + 1,
        WorkerId = "fake",
        Address = address,
        Numerics = "fake-1-c1-kv-f16",
    };
}
