using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination.Remote;
using Winnow.Gateway.Tests.Coordination.Support;
using Winnow.Tests.Common;

namespace Winnow.Gateway.Tests.Coordination.Remote;

/// <summary>A coordinator keeps its replica while no silo answers, for as long as that takes, and not once another gateway has it.</summary>
public sealed class LeaseRenewalTests : IAsyncDisposable
{
    private const int NotRenewed = 3161;
    private const int RenewedAgain = 3162;
    private readonly ManualTime _time = new();
    private readonly RecordingLoggers _logs = new();
    private readonly FakeReplicaGrain _grain;
    private readonly LeaseRenewal _sut;

    public LeaseRenewalTests()
    {
        var placement = new ReplicaPlacement { Replica = "m/0", Epoch = 1, Model = new ModelDefinition { Name = "m", ModelPath = "" }, Shards = [] };
        _grain = new FakeReplicaGrain(placement, _time) { Holder = "me" };
        var lease = new CoordinatorLease { Granted = true, Holder = "me", HolderAddress = "", Epoch = 1, ExpiresAt = _time.GetUtcNow() + TimeSpan.FromSeconds(9) };
        _sut = new LeaseRenewal(_grain, lease, static _ => { }, new ReplicaOptions { GatewayId = "me" }, _time, _logs);
    }

    public ValueTask DisposeAsync() => _sut.DisposeAsync();

    [Fact]
    public async Task Lost_NoSiloAnswersLongPastTheEndOfTheLease_IsNotTold()
    {
        _grain.IsAway = true;

        await RenewAsync(attempts: 40);

        Assert.True(_time.GetUtcNow() > DateTimeOffset.UnixEpoch.AddSeconds(60));
        Assert.False(_sut.Lost.IsCancellationRequested);
        Assert.Equal([NotRenewed], _logs.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Lost_SilosAnswerAgain_RenewsAndSaysSoOnce()
    {
        _grain.IsAway = true;
        await RenewAsync(attempts: 20);
        _grain.IsAway = false;

        await RenewAsync(attempts: 5);

        Assert.False(_sut.Lost.IsCancellationRequested);
        Assert.Equal([NotRenewed, RenewedAgain], _logs.Entries.Select(entry => entry.Id));
    }

    [Fact]
    public async Task Lost_AnotherGatewayGotTheLeaseMeanwhile_IsTold()
    {
        _grain.IsAway = true;
        await RenewAsync(attempts: 20);
        (_grain.Holder, _grain.IsAway) = ("another", false);

        while (!_sut.Lost.IsCancellationRequested)
        {
            await RenewAsync(attempts: 1);
        }
    }

    private async Task RenewAsync(int attempts)
    {
        using var limit = new CancellationTokenSource(TestLimits.Patience);
        for (int until = _grain.Acquisitions + attempts; _grain.Acquisitions < until && !_sut.Lost.IsCancellationRequested;)
        {
            limit.Token.ThrowIfCancellationRequested();
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
