using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Placement;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Placement;

/// <summary>What is freed on workers: never what is placed, being loaded, or a draft model that is there.</summary>
public sealed class VainShardsTests
{
    private static readonly ReplicaPlacer Placer = new(null!, "m/0");
    private static readonly ShardPlacement Draft = Shard(0, "d");
    private static readonly HeldShard DraftHeld = Placer.DraftHeld(Draft);

    [Fact]
    public void Of_DraftModelThatIsThereBeforeItsShards_IsKept()
    {
        HeldShard loading = Held("m/0", 0, "a");
        ReplicaState state = new() { Draft = Draft, Held = [DraftHeld, loading] };

        Assert.Empty(VainShards.Of(Store(state), Placer, [loading]));
    }

    [Fact]
    public void Of_DraftModelWhosePlacementWasLost_IsKeptAndTheOldShardsAreNot()
    {
        HeldShard old = Held("m/0", 1, "b");
        ReplicaState state = new() { Draft = Draft, Held = [DraftHeld, old] };

        Assert.Equal([old], VainShards.Of(Store(state), Placer, []));
    }

    [Fact]
    public void Of_DraftModelThatMoved_IsFreedWhereItWas()
    {
        HeldShard before = DraftHeld with { WorkerId = "e", Address = "http://e:1" };
        ReplicaState state = new() { Draft = Draft, Held = [DraftHeld, before] };

        Assert.Equal([before], VainShards.Of(Store(state), Placer, []));
    }

    [Fact]
    public void Of_ShardsOfThePlacementAndOfACutBefore_FreesThoseOfTheCut()
    {
        HeldShard before = Held("m/0", 0, "a");
        ShardPlacement now = Shard(0, "b");
        ReplicaState state = new()
        {
            Placement = new ReplicaPlacement { Replica = "m/0@1", Epoch = 1, Model = new ModelDefinition { Name = "m", ModelPath = "/m" }, Shards = [now] },
            Held = [before, Held("m/0@1", 0, "b")],
        };

        Assert.Equal([before], VainShards.Of(Store(state), Placer, []));
    }

    private static ReplicaStore Store(ReplicaState state) => new(new StateInMemory<ReplicaState>(state));

    private static ShardPlacement Shard(int index, string worker) =>
        new() { Index = index, FirstLayer = 0, LastLayer = 1, WorkerId = worker, Address = $"http://{worker}:1", Instance = worker };

    private static HeldShard Held(string replica, int index, string worker) =>
        new() { Replica = replica, Index = index, WorkerId = worker, Instance = worker, Address = $"http://{worker}:1" };
}
