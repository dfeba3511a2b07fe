using Winnow.Contracts.Grains;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Silo.Placement;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Placement;

/// <summary>Which workers get which layers, and how much KV cache, or why nothing can be placed.</summary>
public sealed class PlacementPlannerTests : IDisposable
{
    private const long Plenty = 1L << 32;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFootprint _target;
    private readonly ModelFootprint _draft;

    public PlacementPlannerTests()
    {
        _target = Measure(new TinyLlama { Layers = 6, ContextTokens = 256 }, "target.gguf");
        _draft = Measure(new TinyLlama { Layers = 1, ContextTokens = 128 }, "draft.gguf");
    }

    [Fact]
    public void Plan_EnoughWorkers_UsesOneForEachShard()
    {
        PlanOutcome outcome = Plan(2, null, default, Worker("c"), Worker("a"), Worker("b"));

        Assert.Equal(["a", "b"], outcome.Plan!.Shards.Select(s => s.Worker.WorkerId));
        Assert.Equal((0, 6), (outcome.Plan.Shards[0].Layers.First, outcome.Plan.Shards[1].Layers.Last));
        Assert.Equal(outcome.Plan.Shards[0].Layers.Last, outcome.Plan.Shards[1].Layers.First);
    }

    [Fact]
    public void Plan_DraftOnlyWorker_IsNeverATarget()
    {
        PlanOutcome outcome = Plan(1, _draft, default, Worker("a", WorkerRoles.Draft), Worker("b", WorkerRoles.Target));

        Assert.Equal(("b", "a"), (outcome.Plan!.Shards[0].Worker.WorkerId, outcome.Plan.Draft!.Worker.WorkerId));
    }

    [Fact]
    public void Plan_WorkersOfBothRoles_LeavesOneForTheDraft()
    {
        WorkerRoles both = WorkerRoles.Target | WorkerRoles.Draft;

        PlanOutcome outcome = Plan(2, _draft, default, Worker("a", both), Worker("b", WorkerRoles.Target), Worker("c", both));

        Assert.Equal(["b", "a"], outcome.Plan!.Shards.Select(s => s.Worker.WorkerId));
        Assert.Equal("c", outcome.Plan.Draft!.Worker.WorkerId);
    }

    [Fact]
    public void Plan_TooFewWorkers_Waits()
    {
        PlanOutcome outcome = Plan(3, null, default, Worker("a"), Worker("b"));

        Assert.Equal((null, false), (outcome.Plan, outcome.IsPermanent));
        Assert.Equal("Model 'm' needs 3 target workers; 2 are there.", outcome.Reason);
    }

    [Fact]
    public void Plan_TooFewWorkersButMayShare_PutsNeighboursTogether()
    {
        PlanOutcome outcome = Plan(3, null, new PlanLatitude(ShareWorkers: true, SkipDraft: false), Worker("a"), Worker("b"));

        Assert.Equal(["a", "a", "b"], outcome.Plan!.Shards.Select(s => s.Worker.WorkerId));
    }

    [Fact]
    public void Plan_NoDraftWorker_WaitsOrGoesWithout()
    {
        PlanOutcome strict = Plan(1, _draft, default, Worker("a", WorkerRoles.Target));
        PlanOutcome lenient = Plan(1, _draft, new PlanLatitude(false, SkipDraft: true), Worker("a", WorkerRoles.Target));

        Assert.Null(strict.Plan);
        Assert.Null(lenient.Plan!.Draft);
    }

    [Fact]
    public void Plan_SameWorkersInAnyOrder_IsTheSamePlan()
    {
        WorkerRecord[] workers = [Worker("a"), Worker("b"), Worker("c")];

        PlanOutcome one = Plan(2, null, default, workers);
        PlanOutcome other = Plan(2, null, default, [.. workers.Reverse()]);

        Assert.Equal(one.Plan!.Shards, other.Plan!.Shards);
    }

    [Fact]
    public void Plan_PlentyOfMemory_SizesKvForEverySequence()
    {
        PlanOutcome outcome = Plan(1, _draft, default, Worker("a", WorkerRoles.Target), Worker("b", WorkerRoles.Draft));

        Assert.Equal((256 / 16 * 4, 128 / 16 * 4), (outcome.Plan!.KvBlocks, outcome.Plan.Draft!.KvBlocks));
        Assert.Equal((256, 128), (outcome.Plan.ContextTokens, outcome.Plan.Draft!.ContextTokens));
    }

    [Fact]
    public void Plan_ScarceMemory_SizesKvByTheTightestWorker()
    {
        long fixedBytes = _target.WeightBytes(0, 6) + _target.KvBytes(6, 64, Inference.Cache.KvType.F16) + _target.ScratchBytes(hasHead: true);
        long twentyBlocks = 20 * _target.KvBytes(6, 16, Inference.Cache.KvType.F16);

        PlanOutcome outcome = Plan(1, null, default, Worker("a", memory: fixedBytes + twentyBlocks + 5));

        Assert.Equal(20, outcome.Plan!.KvBlocks);
    }

    [Fact]
    public void Plan_WorkerThatQuantisesKv_SizesKvByItsForm()
    {
        const Inference.Cache.KvType Type = Inference.Cache.KvType.Q4_0;
        long fixedBytes = _target.WeightBytes(0, 6) + _target.KvBytes(6, 64, Type) + _target.ScratchBytes(hasHead: true);

        PlanOutcome outcome = Plan(1, null, default, Worker("a", memory: fixedBytes + (20 * _target.KvBytes(6, 16, Type)) + 5) with { KvType = "q4_0" });

        Assert.Equal(20, outcome.Plan!.KvBlocks);
    }

    [Fact]
    public void Plan_WorkerOfDevicesThatShareLayers_CountsWhatEachHasWhole()
    {
        const Inference.Cache.KvType Type = Inference.Cache.KvType.F16;
        long fixedBytes = _target.WeightBytes(0, 6) + _target.KvBytes(6, 64, Type) + _target.ScratchBytes(hasHead: true);
        long block = _target.KvBytes(6, 16, Type);
        WorkerRecord worker = Worker("a", memory: fixedBytes + (3 * _target.ReplicatedBytes(0, 6)) + (20 * block));

        Assert.Equal(20, Plan(1, null, default, worker with { Devices = 4 }).Plan!.KvBlocks);
        Assert.Equal(20 + (int)(3 * _target.ReplicatedBytes(0, 6) / block), Plan(1, null, default, worker).Plan!.KvBlocks);
        Assert.Equal(_target.ReplicatedBytes(0, 6), _target.ReplicatedBytes(0, 2) + _target.ReplicatedBytes(2, 6));
    }

    [Fact]
    public void Plan_NotOneContextFits_SaysWithNumbers()
    {
        long fixedBytes = _target.WeightBytes(0, 6) + _target.KvBytes(6, 64, Inference.Cache.KvType.F16) + _target.ScratchBytes(hasHead: true);

        PlanOutcome outcome = Plan(1, null, default, Worker("a", memory: fixedBytes + (3 * _target.KvBytes(6, 16, Inference.Cache.KvType.F16))));

        Assert.True(outcome.IsPermanent);
        Assert.Contains("leaves room for '3' KV blocks", outcome.Reason, StringComparison.Ordinal);
        Assert.Contains("16 are needed", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WeightsDoNotFit_SaysWithNumbers()
    {
        PlanOutcome outcome = Plan(1, null, default, Worker("a", memory: 1000));

        Assert.True(outcome.IsPermanent);
        Assert.Contains("does not fit its 1 shards on workers with 1000 bytes together", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_MoreShardsThanLayers_IsRefused()
    {
        PlanOutcome outcome = Plan(7, null, default, Worker("a"));

        Assert.True(outcome.IsPermanent);
        Assert.Equal("Model 'm' cannot be cut into '7' shards; it has 6 layers.", outcome.Reason);
    }

    [Fact]
    public void Plan_HeadThatReadsBelowTheLastShard_GoesWithoutAndSaysWhy()
    {
        PlanOutcome outcome = Plan(3, null, Head(layer: 2), default, Worker("a"), Worker("b"), Worker("c"));

        Assert.Null(outcome.Plan!.Model.HeadPath);
        Assert.Contains("after '2' layers", Assert.Single(outcome.Plan.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_HeadOnATightWorker_LeavesFewerBlocks()
    {
        WorkerRecord tight = Worker("a", memory: 3 << 20);
        int without = Plan(1, null, default, tight).Plan!.KvBlocks;

        int with = Plan(1, null, Head(layer: 2), default, tight).Plan!.KvBlocks;

        Assert.InRange(with, 1, without - 1);
    }

    [Fact]
    public void Plan_FasterWorker_GetsMoreLayers()
    {
        PlanOutcome outcome = Plan(2, null, default, Worker("a") with { Device = "slow", WeightBytesPerSecond = 1e9 }, Worker("b") with { Device = "fast", WeightBytesPerSecond = 3e9 });

        Assert.True(LayersOf(outcome, "b") > LayersOf(outcome, "a"), $"a has {LayersOf(outcome, "a")}, b {LayersOf(outcome, "b")} layers.");
    }

    [Fact]
    public void Plan_WorkersOfOneDevice_CountAsEquallyFast()
    {
        PlanOutcome outcome = Plan(2, null, default, Worker("a") with { WeightBytesPerSecond = 1e9 }, Worker("b") with { WeightBytesPerSecond = 3e9 });

        Assert.Equal(Plan(2, null, default, Worker("a"), Worker("b")).Plan!.Shards.Select(s => s.Layers), outcome.Plan!.Shards.Select(s => s.Layers));
    }

    [Fact]
    public void Plan_WorkerThatServesAnother_IsLeftToIt()
    {
        MemoryClaim claim = new() { WorkerId = "a", Replica = "other/0", Bytes = 1000 };

        PlanOutcome outcome = Plan(1, null, default, Worker("a") with { Claims = [claim] }, Worker("b"));

        Assert.Equal("b", outcome.Plan!.Shards[0].Worker.WorkerId);
    }

    [Fact]
    public void Plan_MemoryThatOthersClaim_IsNotCountedOn()
    {
        MemoryClaim claim = new() { WorkerId = "a", Replica = "other/0", Bytes = Plenty - 1000 };

        PlanOutcome outcome = Plan(1, null, default, Worker("a") with { Claims = [claim] });

        Assert.True(outcome.IsPermanent);
        Assert.Contains("on workers with 1000 bytes together", outcome.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_WeightsDoNotFit_NamesTheMissingBytes()
    {
        PlanOutcome refused = Plan(1, null, default, Worker("a", memory: 1000));
        long missing = long.Parse(refused.Reason.Split("together; ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);

        Assert.NotNull(Plan(1, null, default, Worker("a", memory: 1000 + missing)).Plan);
        Assert.Null(Plan(1, null, default, Worker("a", memory: 1000 + missing - 1)).Plan);
    }

    [Fact]
    public void Plan_Latencies_OrderThePipelineAndPlaceTheDraftNearTheLastShard()
    {
        LinkLatency far = new() { Address = "http://c:1", Seconds = 0.02 };
        WorkerRecord[] workers =
        [
            Worker("a") with { Links = [far] },
            Worker("b"),
            Worker("c"),
            Worker("d", WorkerRoles.Draft) with { Links = [new LinkLatency { Address = "http://c:1", Seconds = 0.01 }] },
            Worker("e", WorkerRoles.Draft) with { Links = [new LinkLatency { Address = "http://a:1", Seconds = 0.01 }] },
        ];

        PlacementPlan plan = Plan(3, _draft, default, workers).Plan!;

        Assert.Equal("b", plan.Shards[1].Worker.WorkerId);
        Assert.Equal(plan.Shards[2].Worker.WorkerId == "c" ? "e" : "d", plan.Draft!.Worker.WorkerId);
    }

    [Fact]
    public void Repair_OneOfTwoGone_KeepsTheLayersAndTakesASpare()
    {
        WorkerRecord[] before = [Worker("a"), Worker("b")];
        PlacementPlan plan = Plan(2, null, default, before).Plan!;
        ReplicaPlacement placement = PlacementOf(plan);

        PlacementPlan? repaired = PlacementPlanner.Repair(placement, _target, null, null, [Worker("a"), Worker("c")], "m/0");
        PlacementPlan? restarted = PlacementPlanner.Repair(placement, _target, null, null, [Worker("a"), Worker("b") with { Instance = "new" }], "m/0");
        PlacementPlan? without = PlacementPlanner.Repair(placement, _target, null, null, [Worker("a")], "m/0");

        Assert.Equal(["a", "c"], repaired!.Shards.Select(s => s.Worker.WorkerId));
        Assert.Equal(plan.Shards.Select(s => s.Layers), repaired.Shards.Select(s => s.Layers));
        Assert.Equal(plan.KvBlocks, repaired.KvBlocks);
        Assert.Null(restarted);
        Assert.Null(without);
    }

    public void Dispose() => _folder.Dispose();

    private static int LayersOf(PlanOutcome outcome, string worker) => outcome.Plan!.Shards.Single(s => s.Worker.WorkerId == worker).Layers.Count;

    private static ReplicaPlacement PlacementOf(PlacementPlan plan) => new()
    {
        Replica = "m/0",
        Epoch = 1,
        Model = plan.Model,
        Shards = [.. plan.Shards.Select((shard, index) => new ShardPlacement
        {
            Index = index,
            FirstLayer = shard.Layers.First,
            LastLayer = shard.Layers.Last,
            WorkerId = shard.Worker.WorkerId,
            Address = shard.Worker.Address,
        })],
        KvBlocks = plan.KvBlocks,
        ContextTokens = plan.ContextTokens,
        ScratchTokens = plan.ScratchTokens,
    };

    private static HeadConfiguration Head(int layer) => new()
    {
        Width = 32,
        Heads = 4,
        KvHeads = 4,
        HeadSize = 64,
        FeedForwardSize = 64,
        DraftVocabularySize = 64,
        RopeBase = 10000,
        NormEpsilon = 1e-5f,
        Layers = [layer, 5],
        WeightBytes = 100_000,
    };

    private static WorkerRecord Worker(string id, WorkerRoles roles = WorkerRoles.Target, long memory = Plenty) => new()
    {
        WorkerId = id,
        Address = $"http://{id}:1",
        Roles = roles,
        Device = "test",
        MemoryBytes = memory,
        ProcessId = 1,
        Backend = "test",
        Incarnation = 1,
        Health = WorkerHealth.Alive,
        LastBeat = default,
    };

    private PlanOutcome Plan(int shards, ModelFootprint? draft, PlanLatitude latitude, params WorkerRecord[] workers) =>
        Plan(shards, draft, null, latitude, workers);

    private PlanOutcome Plan(int shards, ModelFootprint? draft, HeadConfiguration? head, PlanLatitude latitude, params WorkerRecord[] workers)
    {
        ModelDefinition model = new() { Name = "m", ModelPath = "target.gguf", Shards = shards, MaxSequences = 4 };
        return PlacementPlanner.Plan(model, _target, draft, head, exit: null, workers, latitude);
    }

    private ModelFootprint Measure(TinyLlama model, string name)
    {
        using ModelFile file = ModelFile.Open(model.Write(_folder, name));
        return ModelFootprint.Read(file);
    }
}
