using System.Threading.Channels;
using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;

namespace Winnow.GpuWorker.Drafting;

/// <summary>One Draft call: reads requests into the device's queue and writes replies as they come.</summary>
internal sealed class DraftCall(
    DraftSession session, IAsyncStreamReader<DraftRequest> requests, IServerStreamWriter<DraftReply> responses,
    DeviceLoop device, EpochFence fence, ILogger logger)
{
    /// <summary>Serves the call, whose first request is already read.</summary>
    /// <param name="draining">Cancelled when the worker begins to stop.</param>
    /// <exception cref="RpcException">The session failed.</exception>
    public async Task RunAsync(CancellationToken draining)
    {
        session.Host.Begin(session);
        Task replies = WriteRepliesAsync();
        try
        {
            await ReadAsync(draining);
            await session.DrainAsync();
        }
        catch (Exception exception) when (StreamErrors.IsBroken(exception) || exception is ChannelClosedException)
        {
            session.Fail(draining.IsCancellationRequested
                ? WorkerFault.Draining()
                : WorkerFault.PipelineBroken(session.Host.Replica, 0, exception.Message));
        }
        finally
        {
            session.Complete();
            session.Host.Forget(session);
        }
        await replies;
        if (session.Fault is { } fault)
        {
            throw fault.ToRpcException();
        }
    }

    private async Task ReadAsync(CancellationToken draining)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(session.Token, draining);
        do
        {
            DraftRequest request = requests.Current;
            if (Problem(request) is { } fault)
            {
                session.Fail(fault);
                return;
            }
            if (DraftMirrorWork.IsAll(request))
            {
                await device.EnqueueAsync(new DraftMirrorWork(session, request), session.Token);
                continue;
            }
            await session.EnterAsync();
            await device.EnqueueAsync(new DraftWork(session, request, device, logger), session.Token);
        }
        while (await requests.MoveNext(stop.Token));
    }

    private WorkerFault? Problem(DraftRequest request)
    {
        if (fence.Check(session.Host.Replica, request.Epoch) is { } stale)
        {
            return stale;
        }
        return request.Replica == session.Host.Replica && request.Epoch == session.Epoch
            ? null
            : new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep,
                $"Draft round '{request.Round}' is for '{request.Replica}' in epoch '{request.Epoch}', but its stream began with "
                + $"'{session.Host.Replica}' in epoch {session.Epoch}; open a stream for each.");
    }

    private async Task WriteRepliesAsync()
    {
        try
        {
            await foreach ((DraftReply reply, bool isAnswer) in session.Replies.ReadAllAsync(CancellationToken.None))
            {
                await responses.WriteAsync(reply);
                if (isAnswer)
                {
                    session.Leave();
                }
            }
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            session.Fail(WorkerFault.PipelineBroken(session.Host.Replica, 0, exception.Message));
        }
    }
}
