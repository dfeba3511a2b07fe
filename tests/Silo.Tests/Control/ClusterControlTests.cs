using Grpc.Core;
using Winnow.Contracts.Grains;
using Winnow.Contracts.V1;
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
    public async Task Beat_StreamBreaks_WorkerIsSuspectThenDead()
    {
        await using TestSilo silo = await TestSilo.StartAsync(_folder.Root);
        RegisterReply reply = await silo.Control.RegisterAsync(Info("w"));
        AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats = silo.Control.Beat();
        await BeatAsync(beats, reply.Incarnation);
        IWorkerGrain worker = silo.Grains.GetGrain<IWorkerGrain>("w");

        beats.Dispose();

        await TestSilo.UntilAsync("the worker to be suspect", () => worker.Get(), w => w!.Health == WorkerHealth.Suspect);
        await TestSilo.UntilAsync("the worker to be dead", () => worker.Get(), w => w!.Health == WorkerHealth.Dead);
    }

    [Theory]
    [InlineData("", "http://127.0.0.1:1", WorkerRole.Both)]
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

    private static WorkerInfo Info(string id) => new()
    {
        WorkerId = id,
        Address = "http://127.0.0.1:1",
        Role = WorkerRole.Both,
        MemoryBytes = 1000,
    };

    private static async Task<bool> BeatAsync(AsyncDuplexStreamingCall<Heartbeat, BeatReply> beats, long incarnation)
    {
        await beats.RequestStream.WriteAsync(new Heartbeat { WorkerId = "w", Incarnation = incarnation });
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        Assert.True(await beats.ResponseStream.MoveNext(limit.Token));
        return beats.ResponseStream.Current.RegisterAgain;
    }
}
