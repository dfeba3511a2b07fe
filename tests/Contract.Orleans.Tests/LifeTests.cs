using Microsoft.Extensions.Hosting;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

[Collection(SiloCollectionDefinition.Name)]
public sealed class LifeTests(SiloFixture silo)
{
    private readonly string _key = Probe.NewKey();

    private Probe Log => Probe.Of(_key);

    private ILifeGrain Sut => silo.Client.GetGrain<ILifeGrain>(_key);

    [Fact]
    public async Task FirstCalls_ManyAtOnce_MakeOneActivation()
    {
        int[] numbers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Sut.Number()));

        Assert.Single(numbers.Distinct());
        Assert.Equal("activate", Log.Events[0]);
        Assert.Single(Log.Events, "activate");
    }

    [Fact]
    public async Task DeactivateOnIdle_AfterTheCall_EndsTheActivation()
    {
        int first = await Sut.Number();
        Log.Open("go");
        Assert.Equal(first, await Sut.EndAfter("go"));

        int second = await Sut.Number();

        Assert.NotEqual(first, second);
        Assert.Equal(["activate", "number", "ending", "ended", "deactivate ApplicationRequested", "activate", "number"], Log.Events);
    }

    [Fact]
    public async Task Calls_DuringDeactivation_GoToTheNextActivation()
    {
        Task<int> ending = Sut.EndAfter("go");
        await Log.Pass("ending");
        Task<int> late = Sut.Number();
        Log.Open("go");

        Assert.NotEqual(await ending, await late);
    }

    [Fact]
    public async Task Activation_ThatFails_FailsTheCallAndIsTriedAgain()
    {
        ILifeGrain stillborn = silo.Client.GetGrain<ILifeGrain>($"stillborn {_key}");

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => stillborn.Number());

        Assert.Equal("can not come up", e.Message);
        await stillborn.Number();
    }

    [Fact]
    public async Task Idle_ForTheCollectionAge_IsDeactivated()
    {
        IHost own = await TestCluster.StartSiloAsync(TestCluster.FreePort(), builder => builder.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(100);
            options.CollectionAge = TimeSpan.FromMilliseconds(200);
        }));
        ILifeGrain sut = own.Client().GetGrain<ILifeGrain>(_key);

        int first = await sut.Number();
        await Log.Pass("deactivate ActivationIdle");

        Assert.NotEqual(first, await sut.Number());
        await own.StopAndDisposeAsync();
        Assert.Equal("deactivate ShuttingDown", Log.Events[^1]);
    }

    [Fact]
    public async Task CollectionAge_BelowTheQuantum_IsRefused() =>
        await Assert.ThrowsAsync<OrleansConfigurationException>(() => TestCluster.StartSiloAsync(
            TestCluster.FreePort(), builder => builder.Configure<GrainCollectionOptions>(options => options.CollectionAge = TimeSpan.FromSeconds(1))));

    [Fact]
    public async Task Timer_DuringACall_WaitsForItsTurnUnlessItInterleaves()
    {
        Assert.Equal(0, await Sut.StartTimers("interleaved 3"));

        await Log.Pass("turn tick");
    }

    [Fact]
    public async Task Timer_WhoseTickFails_GoesOn()
    {
        await Sut.StartFailingTimer();

        await Log.Pass("tick 3");
    }

    [Fact]
    public async Task Timer_OfAnEndedActivation_Stops()
    {
        await Sut.StartEndlessTimer();
        await Log.Pass("tick out");
        Log.Open("go");
        await Sut.EndAfter("go");
        await Sut.Number();

        string[] after = [.. Log.Events.SkipWhile(name => name != "deactivate ApplicationRequested")];

        Assert.DoesNotContain("tick in", after);
        Assert.Contains("token cancelled", Log.Events);
        Assert.Equal(Log.Events.Count(name => name == "tick in"), Log.Events.Count(name => name == "tick out"));
    }
}
