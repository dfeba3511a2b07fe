using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Pipeline;
using Winnow.GpuWorker.Tests.Support;
using Winnow.Hosting;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.GpuWorker.Tests.Pipeline;

/// <summary>Whatever breaks, the streams of its session end at once and say why, and the next session begins clean.</summary>
public sealed class FaultTests : IDisposable
{
    private const int Layers = 2;
    private static readonly int[] Prompt = [1, 2, 3];
    private readonly TemporaryFolder _folder = new();
    private readonly FakeBackend _backend = new();
    private readonly string _model;

    public FaultTests() => _model = new TinyLlama { Layers = Layers }.Write(_folder);

    [Fact]
    public async Task Step_OlderEpoch_IsRefused()
    {
        await using TestWorker worker = await StartAsync(epoch: 5);
        using PipelineClient client = new(worker, worker, epoch: 4);
        await client.SendAsync(Prompted(1, epoch: 4));

        RpcException exception = await Assert.ThrowsAsync<RpcException>(client.EndOfAcksAsync);

        Assert.Equal((StatusCode.FailedPrecondition, WorkerErrorTypes.StaleEpoch), Kind(exception));
    }

    [Fact]
    public async Task Step_TheDeviceIsLost_EndsTheWorkerAsAnError()
    {
        await using TestWorker worker = await StartAsync();
        _backend.Shards[0].OnForward = () => throw new DeviceException("Device 'cuda:0' failed.");
        using PipelineClient client = new(worker, worker);
        TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
        worker.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(stopping.SetResult);
        await client.SendAsync(Prompted(1));

        await stopping.Task.WaitAsync(Patience.Limit);

        // A process that stops so exits with code 1 (WinnowProcess).
        ProcessHealth health = worker.Services.GetRequiredService<ProcessHealth>();
        Assert.False(health.IsLive);
        Assert.Equal("Device 'cuda:0' failed.", Assert.IsType<DeviceException>(health.Fatal).Message);
    }

    [Fact]
    public async Task Step_NewerEpoch_TakesOverWithoutALoad()
    {
        await using TestWorker worker = await StartAsync();
        using PipelineClient old = new(worker, worker);
        await old.SendAsync(Prompted(1));
        await old.ResultAsync();

        using PipelineClient client = new(worker, worker, epoch: 2);
        int[] tokens = await client.GenerateAsync(0, Prompt, Requests.Sampling(1), 4, _ => [], epoch: 2);

        Assert.Equal(4, tokens.Length);
        Assert.Contains(Kind(await Assert.ThrowsAsync<RpcException>(old.EndOfAcksAsync)).Type, new[] { WorkerErrorTypes.Superseded, WorkerErrorTypes.StaleEpoch });
    }

    [Fact]
    public async Task Step_LoadedAgainInANewerEpoch_EndsTheRunningSession()
    {
        await using TestWorker worker = await StartAsync();
        using PipelineClient client = new(worker, worker);
        await client.SendAsync(Prompted(1));
        await client.ResultAsync();

        await worker.LoadAsync(Requests.Load(_model, Layers, epoch: 2));

        Assert.Equal((StatusCode.FailedPrecondition, WorkerErrorTypes.StaleEpoch), Kind(await Assert.ThrowsAsync<RpcException>(client.EndOfAcksAsync)));
        await Assert.ThrowsAsync<RpcException>(client.EndOfResultsAsync);
    }

    [Fact]
    public async Task Step_SecondStreamOfTheEpoch_SupersedesTheFirstAndBeginsClean()
    {
        await using TestWorker worker = await StartAsync();
        using PipelineClient old = new(worker, worker);
        int[] expected = await old.GenerateAsync(0, Prompt, Requests.Sampling(1), 5, _ => []);

        using PipelineClient client = new(worker, worker);
        int[] actual = await client.GenerateAsync(0, Prompt, Requests.Sampling(1), 5, _ => []);

        Assert.Equal(expected, actual);
        Assert.Equal((StatusCode.Aborted, WorkerErrorTypes.Superseded), Kind(await Assert.ThrowsAsync<RpcException>(old.EndOfAcksAsync)));
    }

    [Fact]
    public async Task Step_LastShardThrows_ErrorReachesTheCoordinatorOnBothStreams()
    {
        await using TestWorker last = await StartAsync(index: 1, count: 2);
        await using TestWorker first = await StartAsync(index: 0, count: 2, next: last.Address);
        _backend.Shards[0].OnForward = () => throw new InvalidOperationException("the device is on fire");
        using PipelineClient client = new(first, last);
        await client.SendAsync(Prompted(7));

        StepAck ack = await FirstErrorAsync(client);

        Assert.Equal((7L, WorkerErrorTypes.StepFailed), (ack.Step, ack.Error.Type));
        Assert.Contains("the device is on fire", ack.Error.Message, StringComparison.Ordinal);
        Assert.Equal((StatusCode.Aborted, WorkerErrorTypes.StepFailed), Kind(await Assert.ThrowsAsync<RpcException>(client.EndOfAcksAsync)));
        Assert.Equal(WorkerErrorTypes.StepFailed, (await client.ResultAsync()).Error.Type);
        await Assert.ThrowsAsync<RpcException>(client.EndOfResultsAsync);
    }

    [Fact]
    public async Task Step_AfterAFailedSession_TheNextOneWorks()
    {
        await using TestWorker worker = await StartAsync();
        _backend.Shards[0].OnForward = () => throw new InvalidOperationException("once");
        using (PipelineClient broken = new(worker, worker))
        {
            await broken.SendAsync(Prompted(1));
            await Assert.ThrowsAsync<RpcException>(broken.EndOfAcksAsync);
        }
        _backend.Shards[0].OnForward = null;
        using PipelineClient client = new(worker, worker);

        int[] tokens = await client.GenerateAsync(0, Prompt, Requests.Sampling(1), 3, _ => []);

        Assert.Equal(3, tokens.Length);
    }

    [Fact]
    public async Task Step_NextWorkerStops_FailsTheCoordinatorsStream()
    {
        await using TestWorker last = await StartAsync(index: 1, count: 2);
        await using TestWorker first = await StartAsync(index: 0, count: 2, next: last.Address);
        using PipelineClient client = new(first, last);
        await client.SendAsync(Prompted(1));
        await client.ResultAsync();

        await last.StopAsync();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(client.EndOfAcksAsync);
        Assert.Contains(Kind(exception).Type, new[] { WorkerErrorTypes.Draining, WorkerErrorTypes.NextShardLost });
        await Assert.ThrowsAsync<RpcException>(client.EndOfResultsAsync);
    }

    [Fact]
    public async Task Step_CallerGoesAwayInMidStep_FreesTheDeviceForTheNext()
    {
        await using TestWorker worker = await StartAsync();
        using ManualResetEventSlim running = new();
        using ManualResetEventSlim go = new();
        _backend.Shards[0].OnForward = () =>
        {
            running.Set();
            go.Wait(Patience.Limit);
        };
        PipelineClient gone = new(worker, worker);
        await gone.SendAsync(Prompted(1));
        Assert.True(running.Wait(Patience.Limit));
        int passesBefore = _backend.Shards[0].Passes;

        gone.Dispose();
        await UntilEndedAsync(worker);
        _backend.Shards[0].OnForward = null;
        go.Set();
        using PipelineClient client = new(worker, worker);
        int[] tokens = await client.GenerateAsync(0, Prompt, Requests.Sampling(1), 3, _ => []);

        Assert.Equal((3, 3), (tokens.Length, _backend.Shards[0].Passes - passesBefore));
    }

    [Fact]
    public async Task Step_ResultsNeverRead_EndsTheSessionInsteadOfGrowing()
    {
        await using TestWorker worker = await StartAsync(args: "--Worker:ResultBuffer=2");
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        for (int step = 1; step <= 3; step++)
        {
            await steps.RequestStream.WriteAsync(new StepMessage { Replica = Requests.Replica, Epoch = 1, Step = step });
        }

        RpcException exception = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await steps.ResponseStream.MoveNext(Patience.Token))
            {
            }
        });

        Assert.Equal((StatusCode.Aborted, WorkerErrorTypes.ResultsNotRead), Kind(exception));
    }

    [Fact]
    public async Task Step_HiddenBytesOfNoWholeRow_AreRefused()
    {
        await using TestWorker worker = await StartAsync(index: 1, count: 2);
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        await steps.RequestStream.WriteAsync(new StepMessage
        {
            Replica = Requests.Replica,
            Epoch = 1,
            Step = 1,
            ShardIndex = 1,
            Hidden = ByteString.CopyFrom(1, 2, 3),
        });

        RpcException exception = await EndAsync(steps);

        Assert.Equal((StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep), Kind(exception));
    }

    [Fact]
    public async Task Step_MessageOfAnotherReplicaOnTheStream_IsRefused()
    {
        await using TestWorker worker = await StartAsync();
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        await steps.RequestStream.WriteAsync(Prompted(1));
        StepMessage stray = Prompted(2);
        stray.Replica = "other/0";
        await steps.RequestStream.WriteAsync(stray);

        RpcException exception = await EndAsync(steps);

        Assert.Equal((StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep), Kind(exception));
    }

    [Fact]
    public async Task Step_NothingLoaded_IsNotFound()
    {
        await using TestWorker worker = await TestWorker.StartAsync();
        using AsyncDuplexStreamingCall<StepMessage, StepAck> steps = worker.Client.Step();
        await steps.RequestStream.WriteAsync(Prompted(1));

        RpcException exception = await EndAsync(steps);

        Assert.Equal((StatusCode.NotFound, WorkerErrorTypes.UnknownReplica), Kind(exception));
    }

    [Fact]
    public async Task Stop_Worker_EndsSessionsAsDraining()
    {
        const int Attempts = 5;
        (StatusCode Code, string? Type) end = default;
        for (int attempt = 0; attempt < Attempts && end.Type is null; attempt++)
        {
            await using TestWorker worker = await StartAsync();
            using PipelineClient client = new(worker, worker);
            await client.SendAsync(Prompted(1));
            await client.ResultAsync();

            Task stop = worker.StopAsync();

            // The reset of a stopping connection can overtake the trailers, and the client then sees Internal; it never waits.
            end = Kind(await Assert.ThrowsAsync<RpcException>(client.EndOfAcksAsync));
            Assert.True(end.Code is StatusCode.Unavailable or StatusCode.Internal, $"{end}");
            await stop.WaitAsync(Patience.Limit);
        }
        Assert.Equal((StatusCode.Unavailable, WorkerErrorTypes.Draining), end);
    }

    [Fact]
    public async Task Stop_WorkerWithIdleStreams_DoesNotWaitForThem()
    {
        await using TestWorker worker = await StartAsync();
        using PipelineClient idle = new(worker, worker);
        using AsyncDuplexStreamingCall<DraftRequest, DraftReply> drafts = worker.Client.Draft();
        await worker.Client.GetInfoAsync(new GetInfoRequest());

        Task stop = worker.StopAsync();

        await Assert.ThrowsAsync<RpcException>(idle.EndOfResultsAsync);
        await Assert.ThrowsAsync<RpcException>(idle.EndOfAcksAsync);
        await stop.WaitAsync(TimeSpan.FromSeconds(8));
    }

    public void Dispose() => _folder.Dispose();

    private static StepMessage Prompted(long step, long epoch = 1) => Requests.Prompt(step, 0, Prompt, Requests.Sampling(1), epoch);

    private static (StatusCode Code, string? Type) Kind(RpcException exception) =>
        (exception.StatusCode, exception.Trailers.GetValue(WorkerErrorTypes.Trailer));

    private static async Task<StepAck> FirstErrorAsync(PipelineClient client)
    {
        StepAck ack = await client.AckAsync();
        return ack.Error is null ? await client.AckAsync() : ack;
    }

    private static Task<RpcException> EndAsync(AsyncDuplexStreamingCall<StepMessage, StepAck> steps) => Assert.ThrowsAsync<RpcException>(async () =>
    {
        while (await steps.ResponseStream.MoveNext(Patience.Token))
        {
        }
    });

    /// <summary>Waits until the worker has noticed that the caller is gone.</summary>
    private static async Task UntilEndedAsync(TestWorker worker)
    {
        ShardHost host = worker.Services.GetRequiredService<ShardTable>().Find(Requests.Replica, 0)!;
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(10));
        CancellationToken limit = Patience.Token;
        while (host.IsServed)
        {
            await timer.WaitForNextTickAsync(limit);
        }
    }

    private async Task<TestWorker> StartAsync(int index = 0, int count = 1, string next = "", long epoch = 1, params string[] args)
    {
        TestWorker worker = await TestWorker.StartAsync(services => services.AddSingleton<IComputeBackend>(_backend), null, args);
        await worker.LoadAsync(Requests.Load(_model, Layers, index, count, next, epoch));
        return worker;
    }
}
