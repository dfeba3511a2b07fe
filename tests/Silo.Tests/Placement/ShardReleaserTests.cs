using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Placement;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Placement;

/// <summary>What is freed while the same replica is placed again.</summary>
public sealed class ShardReleaserTests
{
    private readonly List<(HeldShard Shard, long Epoch)> _asked = [];
    private readonly TaskCompletionSource _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<HeldShard> _busy = [];

    [Fact]
    public async Task ReleaseAsync_BothArePlacedAgainMeanwhile_FreesNeitherForGoodAndForgetsNeither()
    {
        HeldShard first = TestReplica.Held(0, "a");
        HeldShard second = TestReplica.Held(1, "b");
        ReplicaContext context = Context(new ReplicaState { Epoch = 7, Held = [first, second] }, "a", "b");
        ShardReleaser sut = new(context, () => _busy);

        Task releasing = sut.ReleaseAsync();
        _busy = [first, second];
        await context.Store.HoldAsync(_busy, state => state.Epoch++);
        _answers.SetResult();
        await releasing;

        // The one under way carries the epoch of before, which the load under the newer one fences.
        Assert.Equal([(first, 7L)], _asked);
        Assert.Equal([first, second], context.Store.State.Held);
    }

    [Fact]
    public async Task ReleaseAsync_HeldInVain_IsFreedAndForgotten()
    {
        ReplicaContext context = Context(new ReplicaState { Epoch = 7, Held = [TestReplica.Held(0, "a"), TestReplica.Held(1, "b")] }, "a", "b");
        _answers.SetResult();

        bool freed = await new ShardReleaser(context, () => _busy).ReleaseAsync();

        Assert.True(freed);
        Assert.Equal(["a", "b"], _asked.Select(asked => asked.Shard.WorkerId));
        Assert.Empty(context.Store.State.Held);
    }

    [Fact]
    public async Task ReleaseAsync_TheWorkerDoesNotAnswer_IsTriedAgainInAWhileOnly()
    {
        ManualClock clock = new();
        int asked = 0;
        IShardGrain shard = GrainDouble.Of<IShardGrain>((_, _) =>
        {
            asked++;
            return Task.FromResult(false);
        });
        ReplicaContext context = TestReplica.Context(new ReplicaState { Held = [TestReplica.Held(0, "a")] }, GrainDouble.Factory(_ => shard), time: clock);
        context.Workers.Update([TestReplica.Worker("a")]);
        ShardReleaser sut = new(context, () => _busy);

        await sut.ReleaseAsync();
        await sut.ReleaseAsync();
        int atOnce = asked;
        clock.Advance(TimeSpan.FromSeconds(1));
        await sut.ReleaseAsync();

        Assert.Equal((1, 2), (atOnce, asked));
        Assert.Single(context.Store.State.Held);
    }

    private ReplicaContext Context(ReplicaState state, params string[] workers)
    {
        IShardGrain shard = GrainDouble.Of<IShardGrain>((_, arguments) => ReleaseAsync((HeldShard)arguments[0]!, (long)arguments[1]!));
        ReplicaContext context = TestReplica.Context(state, GrainDouble.Factory(_ => shard));
        context.Workers.Update([.. workers.Select(id => TestReplica.Worker(id))]);
        return context;
    }

    private async Task<bool> ReleaseAsync(HeldShard shard, long epoch)
    {
        _asked.Add((shard, epoch));
        await _answers.Task;
        return true;
    }
}
