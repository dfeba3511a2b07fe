using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Hosting;
using Winnow.Silo.Grains;
using Winnow.Silo.Placement;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Placement;

/// <summary>When a replica's shards are being placed, and what becomes of that.</summary>
public sealed class ShardKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ModelLibrary _models = new(Options.Create(new ModelsOptions()), new ClusterToken(null), TimeProvider.System, NullLogger<ModelLibrary>.Instance);

    [Fact]
    public async Task LookAsync_WhileItsClaimIsAsked_IsNotIdle()
    {
        TaskCompletionSource<bool> claimed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        IWorkerDirectoryGrain directory = GrainDouble.Of<IWorkerDirectoryGrain>((_, _) => claimed.Task);
        (ShardKeeper sut, ModelDefinition model) = Keeper(directory);

        Task look = sut.LookAsync(model);
        bool isIdle = sut.IsIdle;
        claimed.SetResult(false);
        await look;

        Assert.Equal((false, true), (isIdle, sut.IsIdle));
    }

    [Fact]
    public async Task LookAsync_AServingWorkerIsLostWhileAMoveLoads_GivesTheMoveUpAndPlacesAnew()
    {
        TaskCompletionSource<ShardPlacement> never = new();
        List<ShardAssignment> asked = [];
        (ShardKeeper sut, ModelDefinition model, ReplicaContext context) = Serving(assignment =>
        {
            asked.Add(assignment);
            return never.Task;
        });
        await sut.LookAsync(model with { KvBlockTokens = 32 });
        long before = context.Store.Epoch;

        context.Workers.Update([TestReplica.Worker("a", WorkerHealth.Dead), TestReplica.Worker("b")]);
        await sut.LookAsync(model with { KvBlockTokens = 32 });

        Assert.Null(sut.Current);
        Assert.False(sut.IsIdle, "Nothing is placed anew.");
        Assert.Equal(2, asked.Count);
        Assert.True(asked[1].Epoch > before && asked[1].Worker.WorkerId == "b", $"Placed on '{asked[1].Worker.WorkerId}' in epoch {asked[1].Epoch}.");
    }

    [Fact]
    public void Forget_OfAnUnloadedReplica_LeavesNothingOfItInTheMetrics()
    {
        ReplicaContext context = TestReplica.Context(
            new ReplicaState { Placement = new ReplicaPlacement { Replica = "metrics/0", Epoch = 3, Model = Model(), Shards = [] } },
            GrainDouble.Factory(_ => throw new InvalidOperationException()), key: "metrics/0");
        ShardKeeper sut = new(context, new DraftKeeper(context));
        sut.Restore();
        string[][] before = Series();

        sut.Forget();

        Assert.Equal([["metrics", "metrics/0"], ["metrics", "metrics/0"]], before);
        Assert.Empty(Series());
        static string[][] Series() => [.. SiloMetrics.ModelReady.GetAllLabelValues().Concat(SiloMetrics.ModelEpoch.GetAllLabelValues()).Where(labels => labels[1] == "metrics/0")];
    }

    public void Dispose()
    {
        _models.Dispose();
        _folder.Dispose();
    }

    private ModelDefinition Model() =>
        new() { Name = "m", ModelPath = new TinyLlama { Layers = 2 }.Write(_folder, "target.gguf"), Shards = 1, MaxSequences = 2 };

    private PlanSource Plans() => new(new ModelFiles(_models, TimeProvider.System));

    private (ShardKeeper Keeper, ModelDefinition Model) Keeper(IWorkerDirectoryGrain directory)
    {
        ModelDefinition model = Model();
        ReplicaContext context = TestReplica.Context(
            new ReplicaState { Definition = model }, GrainDouble.Factory(_ => throw new InvalidOperationException()), directory, Plans());
        context.Workers.Update([TestReplica.Worker("a")]);
        return (new ShardKeeper(context, new DraftKeeper(context)), model);
    }

    /// <summary>A replica that worker <c>a</c> serves, with another worker <c>b</c>.</summary>
    private (ShardKeeper Keeper, ModelDefinition Model, ReplicaContext Context) Serving(Func<ShardAssignment, Task<ShardPlacement>> place)
    {
        ModelDefinition model = Model();
        ShardPlacement shard = new() { Index = 0, FirstLayer = 0, LastLayer = 2, WorkerId = "a", Address = "http://a:1", Instance = "a" };
        ReplicaState state = new()
        {
            Epoch = 3,
            Definition = model,
            PlacedFor = model,
            Placement = new ReplicaPlacement { Replica = "m/0", Epoch = 3, Model = model, Shards = [shard] },
        };
        IShardGrain grain = GrainDouble.Of<IShardGrain>((_, arguments) => place((ShardAssignment)arguments[0]!));
        ReplicaContext context = TestReplica.Context(state, GrainDouble.Factory(_ => grain), null, Plans());
        context.Workers.Update([TestReplica.Worker("a"), TestReplica.Worker("b")]);
        ShardKeeper keeper = new(context, new DraftKeeper(context));
        keeper.Restore();
        return (keeper, model, context);
    }
}
