using System.Reflection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;
using Winnow.ContractTests.Grains;

namespace Winnow.ContractTests;

/// <summary>A client outside the silo; here in the same process, over the network port all the same.</summary>
[Collection(SiloCollectionDefinition.Name)]
public sealed class ClientTests(SiloFixture silo) : IAsyncLifetime
{
    private readonly string _key = Probe.NewKey();
    private IHost? _host;

    private Probe Log => Probe.Of(_key);

    private IClusterClient Sut => _host!.Client();

    public async Task InitializeAsync() => _host = await TestCluster.StartClientAsync(silo.GatewayPort);

    public async Task DisposeAsync() => await _host!.StopAndDisposeAsync();

    [Fact]
    public async Task Call_WithAMessage_BringsItBack()
    {
        var letter = new Letter
        {
            Title = "Ünïcode \ud83d\ude00",
            Stamps = new[] { new Stamp { Value = 0.1, Serial = long.MaxValue }, new Stamp { Value = double.NegativeInfinity } },
            Colour = Colour.Green,
            Sent = new DateTimeOffset(2026, 11, 21, 9, 30, 15, 123, TimeSpan.FromMinutes(-150)),
            Reply = new Letter { Title = "", Stamps = new List<Stamp>() },
        };

        Letter? back = await Sut.GetGrain<ICopyGrain>(1).Post(letter);

        Assert.NotNull(back);
        Assert.NotSame(letter, back);
        Assert.Equal(letter.Stamps, back.Stamps);
        Assert.Equal(letter.Reply.Stamps, back.Reply!.Stamps);
        Assert.Equal(letter.Sent.Offset, back.Sent.Offset);
        Assert.Equal(letter with { Reply = null, Stamps = letter.Stamps }, back with { Reply = null, Stamps = letter.Stamps });
    }

    [Fact]
    public async Task Call_WithEveryKindOfMember_BringsItBack()
    {
        var basket = new Basket
        {
            Items = [int.MinValue, 0, int.MaxValue],
            Prices = new Dictionary<string, int[]>(StringComparer.OrdinalIgnoreCase) { ["a"] = [1, 2], ["empty"] = [] },
            Inner = new Basket { Fragile = true },
            Age = TimeSpan.FromTicks(-1),
            Marks = Marks.Last,
            Raw = [0, 255],
            Id = new Guid("6f1d7a52-8a0b-4c7f-9f57-0a2b6f3c1d11"),
            Total = -79228162514264337593543950335m,
            Weight = float.Epsilon,
            Grade = 'é',
        };
        ICopyGrain grain = Sut.GetGrain<ICopyGrain>(1_000_001);

        await grain.Keep(basket);
        Basket back = await grain.Kept();

        Assert.Equal([int.MinValue, 0, int.MaxValue, 99], back.Items);
        Assert.Equal([1, 2], back.Prices["A"]);
        Assert.Empty(back.Prices["empty"]);
        Assert.True(back.Inner!.Fragile);
        Assert.Null(back.Fragile);
        Assert.Equal(
            (basket.Age, basket.Marks, basket.Id, basket.Total, basket.Weight, basket.Grade),
            (back.Age, back.Marks, back.Id, back.Total, back.Weight, back.Grade));
        Assert.Equal(basket.Raw, back.Raw);
    }

    [Fact]
    public async Task Calls_ManyAtOnce_TakeTurns()
    {
        ITurnGrain grain = Sut.GetGrain<ITurnGrain>(_key);

        int[] counts = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => grain.Count()));

        Assert.Equal(Enumerable.Range(1, 200), counts.Order());
    }

    [Fact]
    public async Task Call_WithALargeArgument_Arrives()
    {
        int[] numbers = [.. Enumerable.Range(0, 2_000_000)];

        Assert.Equal(numbers, await Sut.GetGrain<ICopyGrain>(2).Echo(numbers));
    }

    [Fact]
    public async Task Exceptions_OfTheGrain_ReachTheCaller()
    {
        IFaultGrain grain = Sut.GetGrain<IFaultGrain>(_key);

        InvalidOperationException e = await Assert.ThrowsAsync<InvalidOperationException>(() => grain.Throw("too bad"));
        MarkedException marked = await Assert.ThrowsAsync<MarkedException>(() => grain.ThrowMarked("marked", 5));

        Assert.Equal("too bad", e.Message);
        Assert.Contains(nameof(FaultGrain), e.StackTrace);
        Assert.Equal("the cause", Assert.IsType<ArgumentException>(e.InnerException).Message);
        Assert.Equal(("marked", 5), (marked.Message, marked.Code));
    }

    [Fact]
    public async Task Timeout_OfASlowGrain_IsATimeoutException()
    {
        await Assert.ThrowsAsync<TimeoutException>(() => Sut.GetGrain<ITurnGrain>(_key).Linger("open"));

        Log.Open("open");
    }

    [Fact]
    public async Task Token_Cancelled_EndsTheCallAndTellsTheGrain()
    {
        using var source = new CancellationTokenSource();
        Task call = Sut.GetGrain<IFaultGrain>(_key).WaitForCancellation(source.Token);
        await Log.Pass("waiting");

        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await Log.Pass("cancelled");
    }

    [Fact]
    public void GetGrain_WithoutClass_Throws() => Assert.Throws<ArgumentException>(() => Sut.GetGrain<INowhereGrain>("key"));

    [Fact]
    public async Task Start_WithoutGateway_FailsWhenTheFilterSaysSo()
    {
        Exception? seen = null;

        await Assert.ThrowsAnyAsync<OrleansException>(() => TestCluster.StartClientAsync(
            TestCluster.FreePort(), client => client.UseConnectionRetryFilter((exception, _) =>
            {
                seen = exception;
                return Task.FromResult(false);
            })));

        Assert.IsAssignableFrom<ConnectionFailedException>(seen);
    }

    [Fact]
    public async Task Exceptions_ThatMayNotBeSent_AreReplaced()
    {
        CodecNotFoundException e = await Assert.ThrowsAsync<CodecNotFoundException>(() => Sut.GetGrain<IFaultGrain>(_key).ThrowUnmarked("private"));

        Assert.Contains(nameof(UnmarkedException), e.Message);
    }

    [Fact]
    public async Task Silo_ThatStops_AnswersTheCallsUnderWayFirst()
    {
        int port = TestCluster.FreePort();
        IHost own = await TestCluster.StartSiloAsync(port);
        IHost client = await TestCluster.StartClientAsync(port);
        Task call = client.Client().GetGrain<IFaultGrain>(_key).Ignore("go", CancellationToken.None);
        await Log.Pass("called");

        ValueTask stop = own.StopAndDisposeAsync();
        Log.Open("go");

        await call;
        await stop;
        await client.StopAndDisposeAsync();
    }

    [Fact]
    public async Task Silo_ThatIsGone_FailsTheCallUnderWayAndTheNext()
    {
        int port = TestCluster.FreePort();
        IHost own = await TestCluster.StartSiloAsync(port);
        IHost client = await TestCluster.StartClientAsync(
            port, builder => builder.Configure<ClientMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(3)));
        IFaultGrain grain = client.Client().GetGrain<IFaultGrain>(_key);
        Task call = grain.Ignore("never", CancellationToken.None);
        await Log.Pass("called");

        using (var atOnce = new CancellationTokenSource(TimeSpan.FromMilliseconds(100), TimeProvider.System))
        {
            await own.StopAsync(atOnce.Token);
            own.Dispose();
        }

        // The package notices by the time-out, the lite edition when the connection ends.
        Exception e = await Assert.ThrowsAnyAsync<Exception>(() => call);
        Assert.True(e is TimeoutException or SiloUnavailableException, e.ToString());
        await Assert.ThrowsAsync<ConnectionFailedException>(() => grain.Ignore("never", CancellationToken.None));
        await client.StopAndDisposeAsync();
    }

    [Fact]
    public async Task Silo_ThatComesBack_IsReachedAgain()
    {
        int port = TestCluster.FreePort();
        IHost first = await TestCluster.StartSiloAsync(port);
        IHost client = await TestCluster.StartClientAsync(port);
        IStateGrain grain = client.Client().GetGrain<IStateGrain>(_key);
        await grain.View();

        await first.StopAndDisposeAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => grain.View().WaitAsync(TimeSpan.FromSeconds(60)));
        IHost second = await TestCluster.StartSiloAsync(port);

        StateView? view = null;
        for (int attempt = 0; view is null && attempt < 100; attempt++)
        {
            try
            {
                view = await grain.View();
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
            }
        }

        Assert.NotNull(view);
        await client.StopAndDisposeAsync();
        await second.StopAndDisposeAsync();
    }
}
