using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class FaultTests(SiloFixture silo)
{
    private readonly string _key = Probe.NewKey();

    private Probe Log => Probe.Of(_key);

    private IFaultGrain Sut => silo.Client.GetGrain<IFaultGrain>(_key);

    [Fact]
    public async Task Exception_OfTheGrain_ReachesTheCaller()
    {
        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => Sut.Throw("too bad"));

        Assert.Equal("too bad", e.Message);
        Assert.Equal("the cause", Assert.IsType<ArgumentException>(e.InnerException).Message);
        await Assert.ThrowsAsync<NotSupportedException>(() => Sut.ThrowAtOnce());
        Assert.Equal(5, (await Assert.ThrowsAsync<MarkedException>(() => Sut.ThrowMarked("marked", 5))).Code);
    }

    [Fact]
    public async Task Token_Cancelled_EndsTheCallAndTellsTheGrain()
    {
        using var source = new CancellationTokenSource();
        Task call = Sut.WaitForCancellation(source.Token);
        await Log.Pass("waiting");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Log.Pass("cancelled");
    }

    [Fact]
    public async Task Token_CancelledBefore_DoesNotCall()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Sut.Ignore("never", new CancellationToken(canceled: true)));

        Log.Open("go");
        await Sut.Ignore("go", CancellationToken.None);

        Assert.Equal(["called"], Log.Events);
    }

    [Fact]
    public async Task Token_CancelledWhileTheCallWaits_EndsTheCall()
    {
        using var source = new CancellationTokenSource();
        Task first = Sut.Ignore("go", CancellationToken.None);
        await Log.Pass("called");
        Task second = Sut.Ignore("go", source.Token);

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Log.Open("go");
        await first;
    }

    [Fact]
    public async Task Timeout_OfASlowGrain_IsATimeoutException()
    {
        ITurnGrain slow = silo.Client.GetGrain<ITurnGrain>(_key);

        await Assert.ThrowsAsync<TimeoutException>(() => slow.Linger("open"));

        Log.Open("open");
        await slow.Linger("open");
    }
}
