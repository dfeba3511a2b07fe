using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;
using Winnow.Silo.Placement;
using Winnow.Silo.Tests.Support;

namespace Winnow.Silo.Tests.Placement;

/// <summary>What workers report is believed when beats have said it for a while, and nothing else happened meanwhile.</summary>
public sealed class ShardReportsTests
{
    private readonly ReplicaContext _context;
    private readonly ShardPlacement _shard = new() { Index = 0, FirstLayer = 0, LastLayer = 2, WorkerId = "a", Address = "http://a:1", Instance = "a" };

    public ShardReportsTests()
    {
        _context = TestReplica.Context(
            new ReplicaState
            {
                Epoch = 3,
                Held = [TestReplica.Held(0, "a")],
                Placement = new ReplicaPlacement { Replica = "m/0", Epoch = 3, Model = new ModelDefinition { Name = "m", ModelPath = "p" }, Shards = [_shard] },
            },
            GrainDouble.Factory(_ => throw new InvalidOperationException()));
    }

    private ShardReports Sut => _context.Reports;

    [Fact]
    public void LossOf_NotReportedForTwoSeconds_IsALoss()
    {
        Beat(0);
        Beat(1);
        string? early = Sut.LossOf(_shard);
        Beat(2);

        Assert.Null(early);
        Assert.Contains("'a'", Sut.LossOf(_shard), StringComparison.Ordinal);
    }

    [Fact]
    public void LossOf_ReportedAgainInBetween_BeginsAnew()
    {
        Beat(0);
        Beat(1, "m/0");
        Beat(2);
        Assert.Null(Sut.LossOf(_shard));
    }

    [Fact]
    public async Task LossOf_EpochRaisedInBetween_BeginsAnew()
    {
        Beat(0);
        await _context.Store.RaiseEpochAsync();
        Beat(2);
        Assert.Null(Sut.LossOf(_shard));
    }

    [Fact]
    public void LossOf_SomethingWasLoadedInBetween_BeginsAnew()
    {
        Beat(0);
        Sut.Look(isIdle: false);
        Beat(2);
        Assert.Null(Sut.LossOf(_shard));
    }

    [Fact]
    public void LossOf_WorkerThatHasNotToldYet_IsNone()
    {
        for (int second = 0; second < 5; second++)
        {
            _context.Workers.Update([TestReplica.Worker("a") with { LastBeat = DateTimeOffset.UnixEpoch.AddSeconds(second) }]);
            Sut.Look(isIdle: true);
        }
        Assert.Null(Sut.LossOf(_shard));
    }

    [Fact]
    public void Unknown_ReportedForTwoSecondsThoughNotAskedFor_IsFound()
    {
        Beat(0, "m/0", "m/0@1", "m/1", "other/0@1");
        Assert.Empty(Sut.Unknown);
        Beat(2, "m/0", "m/0@1", "m/1", "other/0@1");
        Assert.Equal([TestReplica.Held(0, "a", "m/0@1")], Sut.Unknown);
    }

    [Theory]
    [InlineData("m/0", "m/0")]
    [InlineData("m/0@12", "m/0")]
    [InlineData("m/0/draft", "m/0")]
    [InlineData("a/b@c/3", "a/b@c/3")]
    [InlineData("a/b@c/3@1", "a/b@c/3")]
    [InlineData("draft", null)]
    [InlineData("/0", null)]
    [InlineData("m/x", null)]
    [InlineData("m@1/draft", null)]
    [InlineData("", null)]
    public void KeyOf_IdUnderWhichAWorkerHoldsSomething_IsTheReplicas(string held, string? key) => Assert.Equal(key, ReplicaPlacer.KeyOf(held));

    private void Beat(int second, params string[] held)
    {
        _context.Workers.Update(
        [
            TestReplica.Worker("a") with
            {
                LastBeat = DateTimeOffset.UnixEpoch.AddSeconds(second),
                Shards = [.. held.Select(replica => new ReportedShard { Replica = replica, Index = 0 })],
            },
        ]);
        Sut.Look(isIdle: true);
    }
}
