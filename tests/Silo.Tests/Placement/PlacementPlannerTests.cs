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

    public void Dispose() => _folder.Dispose();

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
