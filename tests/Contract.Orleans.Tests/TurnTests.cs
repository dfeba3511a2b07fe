using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class TurnTests(SiloFixture silo)
{
    private readonly string _key = Probe.NewKey();

    private Probe Log => Probe.Of(_key);

    private ITurnGrain Sut => silo.Client.GetGrain<ITurnGrain>(_key);

    private IReentrantGrain Reentrant => silo.Client.GetGrain<IReentrantGrain>(_key);

    [Fact]
    public async Task Call_WhileAnotherAwaits_WaitsForItsTurn()
    {
        Task first = Sut.Visit("first", "go");
        await Log.Pass("first in");
        Task second = Sut.Visit("second", "go");

        Assert.Equal(["first in"], await Sut.Look());
        Log.Open("go");
        await Task.WhenAll(first, second);

        Assert.Equal(["first in", "first out", "second in", "second out"], Log.Events);
    }

    [Fact]
    public async Task AlwaysInterleave_BehindAWaitingCall_PassesIt()
    {
        Task first = Sut.Visit("first", "go");
        await Log.Pass("first in");
        Task second = Sut.Open("go");

        await Sut.Look();

        Assert.False(first.IsCompleted);
        Assert.False(second.IsCompleted);
        Log.Open("go");
        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task ReadOnly_WithReadOnly_Interleaves()
    {
        Task first = Sut.ReadVisit("first", "second in");
        Task second = Sut.ReadVisit("second", "first in");

        await Task.WhenAll(first, second);
    }

    [Fact]
    public async Task ReadOnly_WithAnOrdinaryCall_DoesNotInterleave()
    {
        Task first = Sut.ReadVisit("reader", "go");
        await Log.Pass("reader in");
        Task second = Sut.Visit("writer", "go");

        Assert.Equal(["reader in"], await Sut.Look());
        Log.Open("go");
        await Task.WhenAll(first, second);

        Assert.Equal(["reader in", "reader out", "writer in", "writer out"], Log.Events);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_LoseNoUpdate()
    {
        int[] counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => Sut.Count()));

        Assert.Equal(Enumerable.Range(1, 200), counts.Order());
    }

    [Fact]
    public async Task CallToSelf_NotReentrant_TimesOut()
    {
        TimeoutException e = await Assert.ThrowsAsync<TimeoutException>(() => Sut.CallSelf());

        Assert.Contains("Response did not arrive on time in 00:00:01", e.Message);
        Assert.Equal(1, await Sut.Count());
    }

    [Fact]
    public async Task Reentrant_CallsAtOnce_Interleave()
    {
        Task visit = Reentrant.Visit("visit", "go");
        await Log.Pass("visit in");

        await Reentrant.Open("go");
        await visit;

        Assert.Equal(3, await Reentrant.CallSelf(3));
    }

    [Fact]
    public async Task Reentrant_CallsAtOnce_StillRunOneAtATime()
    {
        int[] most = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Reentrant.Race(50)));

        Assert.All(most, value => Assert.Equal(1, value));
    }
}
