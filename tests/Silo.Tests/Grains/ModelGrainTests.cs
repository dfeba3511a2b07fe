using Grpc.Core;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Hosting;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Grains;

/// <summary>A model on real workers over real gRPC: placed, leased, moved when a worker is lost, and fenced throughout.</summary>
public sealed class ModelGrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _target;
    private readonly string _draft;

    public ModelGrainTests()
    {
        _target = new TinyLlama { Layers = 4 }.Write(_folder, "target.gguf");
        _draft = new TinyLlama { Layers = 1 }.Write(_folder, "draft.gguf");
    }

    [Fact]
    public async Task GetStatus_EnoughWorkers_BecomesReadyOnWorkersOfTheirOwn()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        ModelStatus waiting = await silo.UntilAsync("m", s => s.Detail.Contains("draft worker", StringComparison.Ordinal));
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);

        ModelStatus ready = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);

        Assert.Equal(ModelPhase.WaitingForWorkers, waiting.Phase);
        ReplicaPlacement placement = ready.Placement!;
        Assert.Equal(["a", "b"], placement.Shards.Select(s => s.WorkerId).Order(StringComparer.Ordinal));
        Assert.Equal(("d", 0, 4), (placement.Draft!.WorkerId, placement.Shards[0].FirstLayer, placement.Shards[1].LastLayer));
        Assert.All(placement.Shards, s => Assert.NotEmpty(s.Numerics));
    }

    [Fact]
    public async Task AcquireLease_TwoGateways_OnlyOneHoldsItAndAChangeRaisesTheEpoch()
    {
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = silo.Grains.GetGrain<IReplicaGrain>("m/0");

        CoordinatorLease first = await sut.AcquireLease("g1", "http://g1");
        CoordinatorLease refused = await sut.AcquireLease("g2", "http://g2");
        CoordinatorLease renewed = await sut.AcquireLease("g1", "http://g1");
        await sut.ReleaseLease("g1");
        CoordinatorLease second = await sut.AcquireLease("g2", "http://g2");

        Assert.Equal((true, false, true, true), (first.Granted, refused.Granted, renewed.Granted, second.Granted));
        Assert.Equal(("g1", first.Epoch, first.Epoch), (refused.Holder, refused.Epoch, renewed.Epoch));
        Assert.True(second.Epoch > first.Epoch);
    }

    [Fact]
    public async Task AcquireLease_AfterTheSiloRestarted_TheHolderGoesOnAndNoEpochComesTwice()
    {
        long before;
        await using (TestSilo old = await StartSiloAsync())
        {
            before = (await old.Grains.GetGrain<IReplicaGrain>("m/0").AcquireLease("g1", "http://g1")).Epoch;
        }
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = silo.Grains.GetGrain<IReplicaGrain>("m/0");

        CoordinatorLease other = await sut.AcquireLease("g2", "http://g2");
        CoordinatorLease same = await sut.AcquireLease("g1", "http://g1");
        await sut.ReleaseLease("g1");
        CoordinatorLease next = await sut.AcquireLease("g2", "http://g2");

        Assert.Equal((false, true, before), (other.Granted, same.Granted, same.Epoch));
        Assert.True(next.Epoch > before);
    }

    [Fact]
    public async Task AcquireLease_OnTheHoldersSocket_TakesItAtOnceAlsoAfterTheSiloRestarted()
    {
        CoordinatorLease first;
        await using (TestSilo old = await StartSiloAsync())
        {
            first = await old.Grains.GetGrain<IReplicaGrain>("m/0").AcquireLease("g1", "", "boot/net/127.0.0.1:80");
        }
        await using TestSilo silo = await StartSiloAsync();
        IReplicaGrain sut = silo.Grains.GetGrain<IReplicaGrain>("m/0");

        CoordinatorLease elsewhere = await sut.AcquireLease("g2", "", "boot/net/127.0.0.1:81");
        CoordinatorLease successor = await sut.AcquireLease("g3", "", "boot/net/127.0.0.1:80");

        Assert.Equal((false, true), (elsewhere.Granted, successor.Granted));
        Assert.True(successor.Epoch > first.Epoch);
    }

    [Fact]
    public async Task StopWorker_OfTwoTargets_ModelMovesToTheOtherInANewEpoch()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        ModelStatus before = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);

        await second.DisposeAsync();

        ModelStatus after = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready && s.Placement!.Shards.All(p => p.WorkerId == "a"));
        Assert.True(after.Placement!.Epoch > before.Placement!.Epoch);
    }

    [Fact]
    public async Task GetStatus_ModelThatFitsNoWorker_FailsWithNumbersAndIsCounted()
    {
        double failures = SiloMetrics.PlacementFailures.WithLabels("m").Value;
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address, "--memory=10000");
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address, "--memory=10000");
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);

        ModelStatus failed = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Failed);

        Assert.Contains("20000 bytes", failed.Detail, StringComparison.Ordinal);
        Assert.True(SiloMetrics.PlacementFailures.WithLabels("m").Value > failures, "The refusal was not counted.");
    }

    [Fact]
    public async Task Unload_BehindTheSilosBack_IsLoadedAgainInANewEpoch()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        ReplicaPlacement before = (await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready && s.Placement!.Draft is not null)).Placement!;
        using ClusterChannels channels = new(new ClusterToken(null));
        Contracts.V1.Worker.WorkerClient worker = new(channels.Get(before.Shards[1].Address));

        await worker.UnloadAsync(new UnloadRequest { Replica = before.Replica, ShardIndex = 1, Epoch = before.Epoch });

        await silo.UntilAsync("m", s => s.Placement?.Epoch > before.Epoch);
        WorkerInfo info = await worker.GetInfoAsync(new GetInfoRequest());
        Assert.Contains(info.Shards, shard => shard.Replica == before.Replica && shard.ShardIndex == 1);
    }

    [Fact]
    public async Task Register_OfAWorkerThatHoldsWhatNobodyAskedFor_IsAskedToFreeIt()
    {
        string data = _folder.File("none");
        TestSilo old = await TestSilo.StartAsync(data);
        await using TestWorker worker = await TestWorker.StartAsync("a", "both", old.Address, "--Worker:SiloRetrySeconds=1");
        CoordinatorLease lease = await old.Grains.GetGrain<IReplicaGrain>("gone/0").AcquireLease("g1", "");
        string address = (await TestSilo.UntilAsync("the worker", old.WorkersAsync, workers => workers.Count == 1))[0].Address;
        int port = new Uri(old.Address).Port;
        await old.DisposeAsync();
        using ClusterChannels channels = new(new ClusterToken(null));
        Contracts.V1.Worker.WorkerClient client = new(channels.Get(address));
        LoadRequest load = new()
        {
            Replica = "gone/0@2",
            Epoch = lease.Epoch,
            ModelPath = _target,
            ShardCount = 1,
            LastLayer = 4,
            ContextTokens = 64,
            Kv = new KvOptions { BlockTokens = 16, BlockCount = 8, ScratchTokens = 8 },
        };
        using (AsyncServerStreamingCall<LoadProgress> loading = client.Load(load))
        {
            while (await loading.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        }
        int held = (await client.GetInfoAsync(new GetInfoRequest())).Shards.Count;

        await using TestSilo silo = await TestSilo.StartAsync(data, null, $"--listen=http://127.0.0.1:{port}");
        await TestSilo.UntilAsync("the shard to be freed", async () => (await client.GetInfoAsync(new GetInfoRequest())).Shards.Count, count => count == 0);

        Assert.Equal(1, held);
    }

    [Fact]
    public async Task StopDraftWorker_WithAnother_OnlyTheDraftMoves()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        ReplicaPlacement before = (await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready)).Placement!;

        await drafter.DisposeAsync();
        ModelStatus without = await silo.UntilAsync("m", s => s.Placement is { Draft: null });
        await using TestWorker another = await TestWorker.StartAsync("e", "draft", silo.Address);
        ModelStatus after = await silo.UntilAsync("m", s => s.Placement?.Draft is not null);

        Assert.Equal((ModelPhase.Ready, before.Epoch), (without.Phase, without.Placement!.Epoch));
        Assert.Equal(("e", before.Epoch), (after.Placement!.Draft!.WorkerId, after.Placement.Epoch));
        Assert.Equal(before.Shards, after.Placement.Shards);
    }

    [Fact]
    public async Task Drain_OfATargetWithASpare_TheShardMovesWhileThePlacementStands()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        ReplicaPlacement before = (await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready)).Placement!;
        await using TestWorker spare = await TestWorker.StartAsync("c", "target", silo.Address);
        await TestSilo.UntilAsync("the spare", silo.WorkersAsync, workers => workers.Any(w => w.WorkerId == "c"));

        await silo.Grains.GetGrain<IWorkerGrain>("b").Drain();

        ModelStatus after = await silo.UntilAsync("m", s => s.Placement is { } p && p.Shards.All(shard => shard.WorkerId != "b"));
        Assert.Equal(["a", "c"], after.Placement!.Shards.Select(s => s.WorkerId).Order(StringComparer.Ordinal));
        Assert.Equal(before.Shards.Select(s => s.FirstLayer), after.Placement.Shards.Select(s => s.FirstLayer));
        Assert.True(after.Placement.Epoch > before.Epoch);
        await TestSilo.UntilAsync("the drained worker to be free", silo.WorkersAsync, workers => workers.Single(w => w.WorkerId == "b").MemoryUsedBytes == 0);
    }

    [Fact]
    public async Task Resume_OfADrainedWorker_IsPlacedOnAgain()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        IWorkerGrain sut = silo.Grains.GetGrain<IWorkerGrain>("b");
        await sut.Drain();
        await silo.UntilAsync("m", s => s.Placement is { } p && p.Shards.All(shard => shard.WorkerId == "a"));

        WorkerHealth? health = await sut.Resume();

        Assert.Equal(WorkerHealth.Alive, health);
        Assert.Null(await silo.Grains.GetGrain<IWorkerGrain>("nobody").Resume());
        ModelStatus status = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        await silo.Grains.GetGrain<IModelCatalogGrain>(0).Add(status.Definition! with { Shards = 1, Replicas = 2 });
        await silo.UntilAsync("m", s => s.Replicas.Count == 2 && s.Replicas.Any(r => r.Placement?.Shards[0].WorkerId == "b"));
    }

    [Fact]
    public async Task Drain_ThenARestartOfTheSilo_TheProcessStaysDrainedAndANewOneDoesNot()
    {
        TestSilo old = await StartSiloAsync();
        int port = new Uri(old.Address).Port;
        TestWorker worker = await TestWorker.StartAsync("a", "target", old.Address);
        await TestSilo.UntilAsync("the worker", old.WorkersAsync, workers => workers.Count == 1);
        await old.Grains.GetGrain<IWorkerGrain>("a").Drain();
        await old.DisposeAsync();

        await using TestSilo silo = await StartSiloAsync($"--listen=http://127.0.0.1:{port}");
        IReadOnlyList<WorkerRecord> same = await TestSilo.UntilAsync("the worker again", silo.WorkersAsync, workers => workers.Count == 1);
        await worker.DisposeAsync();
        await using TestWorker another = await TestWorker.StartAsync("a", "target", silo.Address);
        await TestSilo.UntilAsync("another process", silo.WorkersAsync, workers => workers[0].Instance != same[0].Instance && workers[0].Health == WorkerHealth.Alive);

        Assert.Equal(WorkerHealth.Draining, same[0].Health);
    }

    [Fact]
    public async Task Define_OtherShardsAndReplicas_AreReachedAndLeftAgain()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        ModelStatus before = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        IModelCatalogGrain catalog = silo.Grains.GetGrain<IModelCatalogGrain>(0);

        await catalog.Add(before.Definition! with { Shards = 1, Replicas = 2 });
        ModelStatus wide = await silo.UntilAsync("m", s => s.Replicas.Count == 2 && s.Replicas.All(r => r.Placement?.Shards.Count == 1));
        await catalog.Add(before.Definition! with { Shards = 1 });
        ModelStatus narrow = await silo.UntilAsync("m", s => s.Replicas.Count == 1);

        Assert.Equal(2, wide.Replicas.Select(r => r.Placement!.Shards[0].WorkerId).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("m/0@1", wide.Replicas[0].Placement!.Replica);
        Assert.NotNull(narrow.Placement);
        await TestSilo.UntilAsync("one worker to be free", silo.WorkersAsync, workers => workers.Any(w => w.Roles == WorkerRoles.Target && w.MemoryUsedBytes == 0));
    }

    [Fact]
    public async Task Remove_ServedModel_FreesTheWorkersAndForgetsTheName()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        IModelCatalogGrain catalog = silo.Grains.GetGrain<IModelCatalogGrain>(0);

        bool removed = await catalog.Remove("m", finish: true);
        bool unknown = await catalog.Remove("x", finish: true);

        Assert.Equal((true, false), (removed, unknown));
        await TestSilo.UntilAsync("the name to be forgotten", catalog.List, models => models.Count == 0);
        await TestSilo.UntilAsync("the workers to be free", silo.WorkersAsync, workers => workers.All(w => w.MemoryUsedBytes == 0 && w.Claims.Count == 0));
    }

    [Fact]
    public async Task Remove_AWorkerThatHeldAShardIsDeadForGood_EndsAllTheSame()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        await second.DisposeAsync();
        await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready && s.Placement!.Shards.All(p => p.WorkerId == "a"));
        IModelCatalogGrain catalog = silo.Grains.GetGrain<IModelCatalogGrain>(0);

        await catalog.Remove("m", finish: false);

        await TestSilo.UntilAsync("the name to be forgotten", catalog.List, models => models.Count == 0);
        await TestSilo.UntilAsync("the memory to be free", silo.WorkersAsync, workers => workers.All(w => w.Claims.Count == 0));
    }

    [Fact]
    public async Task StopWorker_WithNoPlaceLeft_TheOthersMemoryIsFreeForOtherModels()
    {
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);
        TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);
        await Task.WhenAll(silo.Grains.GetGrain<IWorkerGrain>("a").Drain(), silo.Grains.GetGrain<IWorkerGrain>("b").Drain());

        await second.DisposeAsync();

        await TestSilo.UntilAsync("the memory to be free", silo.WorkersAsync, workers => workers.Any(w => w is { WorkerId: "a", MemoryUsedBytes: 0, Claims.Count: 0 }));
    }

    [Theory]
    [InlineData("m")]
    [InlineData("n")]
    public async Task Restart_WithADamagedFileOfOneModel_TheOtherAndTheWorkersAreTaken(string damaged)
    {
        await using (TestSilo old = await StartSiloAsync())
        {
            await old.Grains.GetGrain<IModelCatalogGrain>(0).Add(new ModelDefinition { Name = "n", ModelPath = _target });
        }
        await File.WriteAllTextAsync(Directory.GetFiles(Path.Combine(_folder.Root, "data", "model"), $"k{damaged}.*", SearchOption.AllDirectories).Single(), "{");
        await using TestSilo silo = await StartSiloAsync();
        await using TestWorker worker = await TestWorker.StartAsync("a", "target", silo.Address);

        await TestSilo.UntilAsync("the worker", silo.WorkersAsync, workers => workers.Count == 1);
        IReadOnlyList<ModelStatus> models = await silo.Grains.GetGrain<IModelCatalogGrain>(0).List();

        Assert.Equal(["m", "n"], models.Select(m => m.Name));
        Assert.Equal([damaged], models.Where(m => m.Phase == ModelPhase.Failed).Select(m => m.Name));
        Assert.Contains("is damaged", models.Single(m => m.Name == damaged).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Restart_OfTheSilo_WorkersThatLiveOnKeepTheirShards()
    {
        ReplicaPlacement before;
        int port;
        TestSilo old = await StartSiloAsync();
        port = new Uri(old.Address).Port;
        await using TestWorker first = await TestWorker.StartAsync("a", "target", old.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", old.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", old.Address);
        before = (await old.UntilAsync("m", s => s.Phase == ModelPhase.Ready)).Placement!;
        await old.DisposeAsync();

        await using TestSilo silo = await StartSiloAsync($"--listen=http://127.0.0.1:{port}");
        await TestSilo.UntilAsync("the workers", silo.WorkersAsync, workers => workers.Count == 3);
        ModelStatus after = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);

        Assert.Equal(before.Epoch, after.Placement!.Epoch);
        Assert.Equal(before.Shards, after.Placement.Shards);
    }

    [Fact]
    public async Task GetStatus_HeadThatIsNoFileOfAHead_ServesWithoutAndSaysSo()
    {
        await using TestSilo silo = await StartSiloAsync($"--head={_draft}");
        await using TestWorker first = await TestWorker.StartAsync("a", "target", silo.Address);
        await using TestWorker second = await TestWorker.StartAsync("b", "target", silo.Address);
        await using TestWorker drafter = await TestWorker.StartAsync("d", "draft", silo.Address);

        ModelStatus ready = await silo.UntilAsync("m", s => s.Phase == ModelPhase.Ready);

        Assert.Null(ready.Placement!.Model.HeadPath);
        Assert.Contains("Without its head", ready.Detail, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private Task<TestSilo> StartSiloAsync(params string[] args) => TestSilo.StartAsync(
        Path.Combine(_folder.Root, "data"), null, ["--model-name=m", $"--model={_target}", $"--draft={_draft}", "--shards=2", "--Silo:Models:0:MaxSequences=2", .. args]);
}
