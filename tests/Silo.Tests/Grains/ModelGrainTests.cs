using Winnow.Contracts.Grains;
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

    public void Dispose() => _folder.Dispose();

    private Task<TestSilo> StartSiloAsync() => TestSilo.StartAsync(
        Path.Combine(_folder.Root, "data"), null, "--model-name=m", $"--model={_target}", $"--draft={_draft}", "--shards=2", "--Silo:Models:0:MaxSequences=2");
}
