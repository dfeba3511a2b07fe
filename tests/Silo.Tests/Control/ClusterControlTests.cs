using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
using Winnow.Silo.Control;
using Winnow.Silo.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Silo.Tests.Control;

/// <summary>The workers' edge over real gRPC: registrations, beats, and who is let in.</summary>
public sealed class ClusterControlTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Register_Again_RaisesTheIncarnation()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        RegisterReply first = await silo.Control.RegisterAsync(Info("w"));
        RegisterReply second = await silo.Control.RegisterAsync(Info("w"));

        Assert.Equal((1L, 2L, 100), (first.Incarnation, second.Incarnation, second.BeatIntervalMs));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(double.PositiveInfinity)]
    public async Task Register_ABandwidthThatIsNoSpeed_IsRefusedByName(double bytesPerSecond)
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        WorkerInfo request = Info("w");
        request.CopyBytesPerSecond = bytesPerSecond;

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await silo.Control.RegisterAsync(request));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Contains("copy_bytes_per_second", exception.Status.Detail, StringComparison.Ordinal);
        Assert.Contains("'w'", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_AfterTheSiloRestarted_RaisesTheIncarnation()
    {
        await using (TestSilo before = await TestSilo.StartAsync(_folder.Root))
        {
            await before.Control.RegisterAsync(Info("w"));
        }
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        RegisterReply reply = await silo.Control.RegisterAsync(Info("w"));

        Assert.Equal(2, reply.Incarnation);
    }

    [Fact]
    public async Task Beat_KnownAndOldIncarnation_OnlyTheOldRegistersAgain()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        RegisterReply old = await silo.Control.RegisterAsync(Info("w"));
        RegisterReply current = await silo.Control.RegisterAsync(Info("w"));
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();

        bool known = await BeatAsync(beats, current.Incarnation);
        bool outdated = await BeatAsync(beats, old.Incarnation);

        Assert.Equal((false, true), (known, outdated));
    }

    [Fact]
    public async Task Beat_UnderAnIdThatIsNotAllowed_IsRefusedByName()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();

        await beats.RequestStream.WriteAsync(new Heartbeat { WorkerId = "rack/1", Incarnation = 1 });
        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () => await beats.ResponseStream.MoveNext(CancellationToken.None));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.Contains("'rack/1'", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Register_ADeviceNameWithoutEnd_IsRefused()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            async () => await silo.Control.RegisterAsync(new WorkerInfo(Info("w")) { Device = new string('x', 100_000) }));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
        Assert.InRange(exception.Status.Detail.Length, 1, 1000);
    }

    [Fact]
    public async Task Beat_StreamBreaksAndNobodyListens_WorkerIsDeadAtOnce()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root, null, "--Silo:SuspectAfterMs=200000", "--Silo:DeadAfterMs=400000");
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");
        AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = await BeatingAsync(silo, "http://127.0.0.1:1");

        beats.Dispose();

        await TestSilo.UntilAsync("the worker to be dead", () => worker.Get(), w => w!.Health == WorkerHealth.Dead);
    }

    [Fact]
    public async Task Beat_StreamBreaksButSomebodyListens_WorkerIsSuspectThenDead()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        using TcpListener alive = new(IPAddress.Loopback, 0);
        alive.Start();
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");
        AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = await BeatingAsync(silo, $"http://{alive.LocalEndpoint}");

        beats.Dispose();

        await TestSilo.UntilAsync("the worker to be suspect", () => worker.Get(), w => w!.Health == WorkerHealth.Suspect);
        await TestSilo.UntilAsync("the worker to be dead", () => worker.Get(), w => w!.Health == WorkerHealth.Dead);
    }

    [Fact]
    public async Task Check_BeatingWorkerThatNobodyCanReach_IsDead()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = await BeatingAsync(silo, "http://127.0.0.1:1");
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");

        await worker.Check();

        Assert.Equal(WorkerHealth.Dead, (await worker.Get())!.Health);
    }

    [Fact]
    public async Task Beat_OfADrainedWorker_StaysDrainedUntilAnotherProcessRegisters()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        RegisterReply reply = await silo.Control.RegisterAsync(Info("w"));
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();

        bool known = await worker.Drain();
        await BeatAsync(beats, reply.Incarnation);
        WorkerHealth beaten = (await worker.Get())!.Health;
        await silo.Control.RegisterAsync(Info("w"));
        WorkerHealth again = (await worker.Get())!.Health;
        await silo.Control.RegisterAsync(new WorkerInfo(Info("w")) { Instance = "another" });
        WorkerHealth other = (await worker.Get())!.Health;

        Assert.Equal((true, WorkerHealth.Draining, WorkerHealth.Draining, WorkerHealth.Alive), (known, beaten, again, other));
    }

    [Fact]
    public async Task Expire_OfAWorkerThatIsDeadForLong_LeavesNothingOfIt()
    {
        ManualClock clock = new();
        await using TestSilo silo = await TestSilo.StartAtAsync(clock, _folder.Root);
        await silo.Control.RegisterAsync(Info("w"));
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");
        clock.Advance(TimeSpan.FromMinutes(9));
        await TestSilo.UntilAsync("the worker to be dead", () => worker.Get(), w => w!.Health == WorkerHealth.Dead);
        await SweepAsync(silo);
        int before = (await silo.WorkersAsync()).Count;
        clock.Advance(TimeSpan.FromMinutes(2));

        await SweepAsync(silo);

        Assert.Equal((1, 0), (before, (await silo.WorkersAsync()).Count));
        Assert.Null(await worker.Get());
        Assert.Empty(Records());
    }

    [Fact]
    public async Task Expire_OfAWorkerThatASiloBeforeKnew_HasItsTimeToComeBack()
    {
        ManualClock clock = new();
        await using (TestSilo old = await TestSilo.StartAtAsync(clock, _folder.Root))
        {
            await old.Control.RegisterAsync(Info("gone"));
            await old.Control.RegisterAsync(Info("back"));
        }
        clock.Advance(TimeSpan.FromMinutes(20));
        await using TestSilo silo = await TestSilo.StartAtAsync(clock, _folder.Root);
        await SweepAsync(silo);
        int early = Records().Length;
        clock.Advance(TimeSpan.FromMinutes(11));
        long incarnation = (await silo.Control.RegisterAsync(Info("back"))).Incarnation;

        await SweepAsync(silo);

        Assert.Equal((2, 2L), (early, incarnation));
        Assert.Equal("back", Assert.Single(await silo.WorkersAsync()).WorkerId);
        Assert.Single(Records());
    }

    [Fact]
    public async Task Beat_TwoWorkers_AreToldOfEachOtherAndTheirLatenciesKept()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        await silo.Control.RegisterAsync(new WorkerInfo(Info("v")) { Address = "http://127.0.0.1:2" });
        RegisterReply reply = await silo.Control.RegisterAsync(Info("w"));
        using AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();

        await beats.RequestStream.WriteAsync(new Heartbeat
        {
            WorkerId = "w",
            Incarnation = reply.Incarnation,
            Peers = { new PeerLatency { Address = "http://127.0.0.1:2", Micros = 1500 }, new PeerLatency { Address = "x", Micros = -1 } },
        });
        await beats.ResponseStream.MoveNext(CancellationToken.None);

        Assert.Equal(["http://127.0.0.1:2"], beats.ResponseStream.Current.Peers);
        LinkLatency link = Assert.Single((await silo.Grains.GetGrain<IWorkerGrain>("w").Get())!.Links);
        Assert.Equal(("http://127.0.0.1:2", 0.0015), (link.Address, link.Seconds));
    }

    [Theory]
    [InlineData("", "http://127.0.0.1:1", WorkerRole.Both)]
    [InlineData("rack/1", "http://127.0.0.1:1", WorkerRole.Both)]
    [InlineData("w", "127.0.0.1:1", WorkerRole.Both)]
    [InlineData("w", "http://127.0.0.1:1", WorkerRole.Unspecified)]
    public async Task Register_Nonsense_IsRefused(string id, string address, WorkerRole role)
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            async () => await silo.Control.RegisterAsync(new WorkerInfo { WorkerId = id, Address = address, Role = role }));

        Assert.Equal(StatusCode.InvalidArgument, exception.StatusCode);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("wrong", false)]
    [InlineData("secret", true)]
    public async Task Register_WithTokenSet_OnlyWithIt(string? token, bool admitted)
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root, token, "--token=secret");

        Exception? refusal = await Record.ExceptionAsync(async () => await silo.Control.RegisterAsync(Info("w")));

        Assert.Equal(admitted, refusal is null);
        Assert.True(refusal is null or RpcException { StatusCode: StatusCode.Unauthenticated }, refusal?.ToString());
    }

    public void Dispose() => _folder.Dispose();

    private static Task SweepAsync(TestSilo silo) => silo.Services.GetServices<IHostedService>().OfType<WorkerSweeper>().Single().SweepAsync(default);

    private string[] Records() => Directory.GetFiles(Path.Combine(_folder.Root, "worker"), "*.json", SearchOption.AllDirectories);

    private static WorkerInfo Info(string id) => new()
    {
        WorkerId = id,
        Address = "http://127.0.0.1:1",
        Role = WorkerRole.Both,
        MemoryBytes = 1000,
    };

    private static async Task<AsyncDuplexStreamingCall<Heartbeat, BeatReply>> BeatingAsync(TestSilo silo, string address)
    {
        RegisterReply reply = await silo.Control.RegisterAsync(new WorkerInfo(Info("w")) { Address = address });
        AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();
        await BeatAsync(beats, reply.Incarnation);
        return beats;
    }

    private static async Task<bool> BeatAsync(AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats, long incarnation)
    {
        await beats.RequestStream.WriteAsync(new Heartbeat { WorkerId = "w", Incarnation = incarnation });
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        Assert.True(await beats.ResponseStream.MoveNext(limit.Token));
        return beats.ResponseStream.Current.RegisterAgain;
    }
}
