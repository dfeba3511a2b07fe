using System.Threading.Channels;
using Grpc.Core;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Control;
using Winnow.GpuWorker.Drafting;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Loading;
using Winnow.GpuWorker.Pipeline;
using Winnow.GpuWorker.Wire;
using Winnow.Hosting;

namespace Winnow.GpuWorker;

/// <summary>The worker's gRPC edge; each call is served by a class of its own.</summary>
internal sealed class WorkerService(
    WorkerInventory inventory, ShardLoading loading, ShardTable table, EpochFence fence, WorkerDevice device, ClusterChannels channels,
    WorkerCalls calls) : Worker.WorkerBase
{
    /// <inheritdoc/>
    public override Task<PingReply> Ping(PingRequest request, ServerCallContext context) => Task.FromResult(new PingReply());

    /// <inheritdoc/>
    public override Task<WorkerInfo> GetInfo(GetInfoRequest request, ServerCallContext context) => Task.FromResult(inventory.Describe());

    /// <inheritdoc/>
    public override async Task Load(LoadRequest request, IServerStreamWriter<LoadProgress> responseStream, ServerCallContext context)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, calls.Draining);
        Channel<LoadProgress> progress = Channel.CreateUnbounded<LoadProgress>();
        Task load = LoadAsync(request, progress.Writer, stop.Token);
        try
        {
            await foreach (LoadProgress report in progress.Reader.ReadAllAsync(CancellationToken.None))
            {
                // Whole tensors come faster than a caller wants to hear of; only the newest report counts.
                if (!progress.Reader.TryPeek(out LoadProgress? newer) || newer.Phase != report.Phase)
                {
                    await responseStream.WriteAsync(report);
                }
            }
        }
        finally
        {
            // Either the load is done, or its caller is gone and nobody wants it any more.
            await stop.CancelAsync();
            await load;
        }
    }

    /// <inheritdoc/>
    public override async Task<UnloadReply> Unload(UnloadRequest request, ServerCallContext context)
    {
        try
        {
            return new UnloadReply { WasLoaded = await loading.UnloadAsync(request, context.CancellationToken) };
        }
        catch (WorkerFaultException exception)
        {
            throw exception.Fault.ToRpcException();
        }
    }

    /// <inheritdoc/>
    public override async Task Step(IAsyncStreamReader<StepMessage> requestStream, IServerStreamWriter<StepAck> responseStream, ServerCallContext context)
    {
        if (!await BeginsAsync(requestStream, context))
        {
            return;
        }
        StepMessage first = requestStream.Current;
        ShardHost host = table.Find(first.Replica, first.ShardIndex)
            ?? throw WorkerFault.UnknownReplica(first.Replica, first.ShardIndex).ToRpcException();
        ThrowIf(fence.Enter(first.Replica, first.Epoch));
        StepSession session = new(host, first.Epoch, device.Options, context.CancellationToken);
        StepCallServices services = new(device.Loop, fence, channels, calls.Observer, calls.Draining);
        await new StepCall(session, requestStream, responseStream, services).RunAsync();
    }

    /// <inheritdoc/>
    public override Task Results(ResultsRequest request, IServerStreamWriter<StepResult> responseStream, ServerCallContext context)
    {
        ShardHost host = table.FindLast(request.Replica) ?? throw WorkerFault.UnknownReplica(request.Replica, -1).ToRpcException();
        ThrowIf(fence.Enter(request.Replica, request.Epoch));
        return ResultsCall.RunAsync(host, request.Epoch, responseStream, context.CancellationToken, calls.Draining);
    }

    /// <inheritdoc/>
    public override async Task Draft(IAsyncStreamReader<DraftRequest> requestStream, IServerStreamWriter<DraftReply> responseStream, ServerCallContext context)
    {
        if (!await BeginsAsync(requestStream, context))
        {
            return;
        }
        DraftRequest first = requestStream.Current;
        DraftHost host = table.FindDraft(first.Replica) ?? throw WorkerFault.UnknownReplica(first.Replica, 0).ToRpcException();
        ThrowIf(fence.Enter(first.Replica, first.Epoch));
        DraftSession session = new(host, first.Epoch, context.CancellationToken);
        await new DraftCall(session, requestStream, responseStream, device.Loop, fence, calls.DraftLogger).RunAsync(calls.Draining);
    }

    /// <summary>Waits for the first message of a stream; a worker that stops does not wait for one.</summary>
    private async Task<bool> BeginsAsync<T>(IAsyncStreamReader<T> requests, ServerCallContext context)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, calls.Draining);
        try
        {
            return await requests.MoveNext(stop.Token);
        }
        catch (Exception exception) when (StreamErrors.IsBroken(exception) && calls.Draining.IsCancellationRequested)
        {
            throw WorkerFault.Draining().ToRpcException();
        }
    }

    private async Task LoadAsync(LoadRequest request, ChannelWriter<LoadProgress> progress, CancellationToken cancellation)
    {
        try
        {
            await loading.LoadAsync(request, progress, cancellation);
        }
        catch (WorkerFaultException exception)
        {
            throw exception.Fault.ToRpcException();
        }
        catch (OperationCanceledException) when (calls.Draining.IsCancellationRequested)
        {
            throw WorkerFault.Draining().ToRpcException();
        }
        finally
        {
            progress.Complete();
        }
    }

    private static void ThrowIf(WorkerFault? fault)
    {
        if (fault is not null)
        {
            throw fault.ToRpcException();
        }
    }
}
