using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Winnow.Cli.Links;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests.Links;

/// <summary>Real sockets over a link; alone, since other tests would make the machine late.</summary>
[Collection(ClusterCollectionDefinition.Name)]
public sealed class LinkProxyTests : IAsyncLifetime
{
    private readonly PreciseTime _time = new();
    private readonly TcpListener _server = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _limit = new(Tool.Limit);
    private readonly TcpClient _client = new() { NoDelay = true };
    private LinkProxy? _sut;
    private TcpClient? _served;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _client.Dispose();
        _served?.Dispose();
        if (_sut is not null)
        {
            await _sut.DisposeAsync();
        }
        _server.Dispose();
        _time.Dispose();
        _limit.Dispose();
    }

    [Fact]
    public async Task RoundTrip_TwentyMsLinks_TakesFortyMs()
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) });
        byte[] one = [1];
        double best = double.PositiveInfinity;
        // How late a busy machine is, nobody can bound: the best of many says what the link adds.
        for (int i = 0; i < 50 && (i < 5 || best > 43); i++)
        {
            long began = Stopwatch.GetTimestamp();
            await near.WriteAsync(one, _limit.Token);
            await far.ReadExactlyAsync(one, _limit.Token);
            await far.WriteAsync(one, _limit.Token);
            await near.ReadExactlyAsync(one, _limit.Token);
            best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }

        // Timers may be half a millisecond early each way.
        Assert.InRange(best, 39, 43);
    }

    [Fact]
    public async Task Rate_OfTenMegabits_IsWhatGoesThrough()
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { BitsPerSecond = 10_000_000 });
        byte[] sent = new byte[125_000];
        new Random(1).NextBytes(sent);
        byte[] received = new byte[sent.Length];

        long began = Stopwatch.GetTimestamp();
        await near.WriteAsync(sent, _limit.Token);
        await far.ReadExactlyAsync(received, _limit.Token);

        Assert.Equal(sent, received);
        Assert.True(Stopwatch.GetElapsedTime(began).TotalMilliseconds >= 98, $"It took {Stopwatch.GetElapsedTime(began)}.");
    }

    [Fact]
    public async Task HalfClose_OfTheCaller_LeavesTheOtherHalfOpen()
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { Delay = TimeSpan.FromMilliseconds(1) });

        _client.Client.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await far.ReadAsync(new byte[1], _limit.Token));

        await far.WriteAsync(new byte[] { 7 }, _limit.Token);
        byte[] received = new byte[1];
        await near.ReadExactlyAsync(received, _limit.Token);
        Assert.Equal([7], received);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Reset_OfOneEnd_ReachesTheOther(bool byTheCaller)
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { Delay = TimeSpan.FromMilliseconds(1) });

        Socket resets = byTheCaller ? _client.Client : _served!.Client;
        resets.LingerState = new LingerOption(true, 0);
        resets.Close();

        await AssertResetAsync(byTheCaller ? far : near);
    }

    [Fact]
    public async Task LostPacket_ResetsBothEnds()
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { Loss = 1 });

        await near.WriteAsync(new byte[] { 1 }, _limit.Token);

        await AssertResetAsync(near);
        await AssertResetAsync(far);
    }

    [Fact]
    public async Task TargetThatDoesNotListen_ResetsTheCaller()
    {
        _sut = new LinkProxy(new LinkOptions(), _time);
        _server.Start();
        var nobody = (IPEndPoint)_server.LocalEndpoint;
        _server.Stop();
        await _client.ConnectAsync(IPAddress.Loopback, new Uri(_sut.Address).Port, _limit.Token);

        _sut.ConnectTo(nobody);

        await AssertResetAsync(_client.GetStream());
    }

    [Fact]
    public async Task Dispose_WithOpenConnections_CutsThem()
    {
        (NetworkStream near, NetworkStream far) = await ConnectAsync(new LinkOptions { Delay = TimeSpan.FromSeconds(30) });
        await near.WriteAsync(new byte[] { 1 }, _limit.Token);

        await _sut!.DisposeAsync();
        _sut = null;

        await AssertResetAsync(near);
        await AssertResetAsync(far);
    }

    private async Task<(NetworkStream Near, NetworkStream Far)> ConnectAsync(LinkOptions options)
    {
        _server.Start();
        _sut = new LinkProxy(options, _time);
        await _client.ConnectAsync(IPAddress.Loopback, new Uri(_sut.Address).Port, _limit.Token);
        _sut.ConnectTo((IPEndPoint)_server.LocalEndpoint);
        _served = await _server.AcceptTcpClientAsync(_limit.Token);
        _served.NoDelay = true;
        return (_client.GetStream(), _served.GetStream());
    }

    private async Task AssertResetAsync(NetworkStream stream)
    {
        IOException error = await Assert.ThrowsAsync<IOException>(async () => await stream.ReadExactlyAsync(new byte[1], _limit.Token));
        Assert.Equal(SocketError.ConnectionReset, Assert.IsType<SocketException>(error.InnerException).SocketErrorCode);
    }
}
