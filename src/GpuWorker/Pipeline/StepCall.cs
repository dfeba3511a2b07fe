using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Engine;
using Winnow.GpuWorker.Wire;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>
/// One Step call: reads messages into the device's queue, writes acks, and keeps the stream to the next shard. Ends when the caller
/// closes its side and everything is done, or with the first fault from here or further down.
/// </summary>
internal sealed class StepCall(
    StepSession session, IAsyncStreamReader<StepMessage> requests, IServerStreamWriter<StepAck> responses, StepCallServices services)
{
    /// <summary>Serves the call, whose first message is already read.</summary>
    /// <exception cref="RpcException">The session failed.</exception>
    public async Task RunAsync()
    {
        session.Host.Begin(session);
        services.Observer.Began(session);
        Task acks = WriteAcksAsync();
        Task next = session.Host.IsLast ? Task.CompletedTask : HandOnAsync();
        try
        {
            await ReadAsync();
            await session.DrainAsync();
            session.CompleteOutbound();
            await next;
        }
        catch (Exception exception) when (StreamErrors.IsBroken(exception))
        {
            session.Fail(WorkerFault.PipelineBroken(session.Host.Replica, session.Host.Index, exception.Message));
        }
        catch (ChannelClosedException exception)
        {
            string reason = $"The device's loop has ended: {exception.Message.TrimEnd('.')}.";
            session.Fail(new WorkerFault(StatusCode.Unavailable, WorkerErrorTypes.StepFailed, reason));
        }
        finally
        {
            session.Complete();
            session.Host.Forget(session);
        }
        await Task.WhenAll(acks, next);
        await services.ClearAsync(session);
        services.Observer.Ended(session);
        await ThrowFaultAsync();
    }

    private async Task ReadAsync()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(session.Token, services.Draining);
        try
        {
            do
            {
                StepMessage message = requests.Current;
                if (!Check(message, out WorkerFault? fault))
                {
                    session.Fail(fault, message.Step);
                    return;
                }
                await session.EnterAsync();
                StepWork work = new(session, message, StepCodec.Decode(message), services.Fence, services.Observer);
                await services.Device.EnqueueAsync(work, session.Token);
            }
            while (await requests.MoveNext(stop.Token));
        }
        catch (Exception exception) when (StreamErrors.IsBroken(exception) && services.Draining.IsCancellationRequested && !session.Token.IsCancellationRequested)
        {
            await session.DrainAsync();
            session.Fail(WorkerFault.Draining());
        }
    }

    /// <summary>What the stream promised with its first message must hold for all.</summary>
    private bool Check(StepMessage message, [NotNullWhen(false)] out WorkerFault? fault)
    {
        ShardHost host = session.Host;
        fault = services.Fence.Check(host.Replica, message.Epoch);
        if (fault is null && (message.Replica != host.Replica || message.Epoch != session.Epoch || message.ShardIndex != host.Index))
        {
            fault = new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep,
                $"Step '{message.Step}' is for shard '{message.ShardIndex}' of '{message.Replica}' in epoch '{message.Epoch}', but its stream began with "
                + $"shard {host.Index} of '{host.Replica}' in epoch {session.Epoch}; open a stream for each.");
        }
        int rowBytes = HiddenCodec.RowBytes(message.HiddenType, host.ModelSize);
        if (fault is null && !HiddenCodec.IsKnown(message.HiddenType))
        {
            fault = new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep,
                $"Step '{message.Step}' came with hidden states of type '{(int)message.HiddenType}'; allowed are 0 (float32), 1 (float16) and 2 (8 bit); use workers of one version.");
        }
        if (fault is null && message.Hidden.Length % rowBytes != 0)
        {
            fault = new WorkerFault(StatusCode.InvalidArgument, WorkerErrorTypes.InvalidStep,
                $"Step '{message.Step}' came with '{message.Hidden.Length}' bytes of hidden states; a row is {rowBytes} bytes.");
        }
        return fault is null;
    }

    private async Task WriteAcksAsync()
    {
        try
        {
            await foreach (StepAck ack in session.Acks.ReadAllAsync(CancellationToken.None))
            {
                await responses.WriteAsync(ack);
                session.Leave();
            }
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            session.Fail(WorkerFault.PipelineBroken(session.Host.Replica, session.Host.Index, exception.Message));
        }
    }

    /// <summary>The stream to the next shard, for as long as the session lives.</summary>
    private async Task HandOnAsync()
    {
        string address = session.Host.Request.NextAddress;
        Worker.WorkerClient client = new(services.Channels.Get(address));
        using AsyncDuplexStreamingCall<StepMessage, StepAck> call = client.Step(cancellationToken: session.Token);
        Task acks = ReadNextAcksAsync(call.ResponseStream, address);
        try
        {
            await foreach (OutboundStep step in session.Outbound.ReadAllAsync(session.Token))
            {
                await call.RequestStream.WriteAsync(step.Message);
                ArrayPool<byte>.Shared.Return(step.Buffer);
                WorkerMetrics.HandedOnBytes.Inc(step.Bytes);
                session.Ack(step.Message.Step, step.ComputeMicros, StepCodec.Encode(step.Mirrors));
            }
            await call.RequestStream.CompleteAsync();
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            // The response side knows the reason, which is worth more than "the write failed"; it ends when the call does.
            await acks;
            session.Fail(NextLost(address, exception));
        }
        await acks;
    }

    private async Task ReadNextAcksAsync(IAsyncStreamReader<StepAck> acks, string address)
    {
        try
        {
            while (await acks.MoveNext(CancellationToken.None))
            {
                if (acks.Current.Error is { } error)
                {
                    session.Fail(new WorkerFault(StatusCode.Aborted, error.Type, error.Message), acks.Current.Step);
                }
            }
            if (!session.Outbound.Completion.IsCompleted)
            {
                session.Fail(NextLost(address, null));
            }
        }
        catch (Exception exception) when (StreamErrors.IsBroken(exception))
        {
            session.Fail(NextLost(address, exception));
        }
    }

    /// <summary>The next shard's own fault when it told one, otherwise that it is lost.</summary>
    private WorkerFault NextLost(string address, Exception? exception)
    {
        if (exception is RpcException rpc && rpc.Trailers.GetValue(WorkerErrorTypes.Trailer) is { } type)
        {
            return new WorkerFault(rpc.StatusCode, type, rpc.Status.Detail);
        }
        string reason = exception is RpcException { Status.Detail: { Length: > 0 } detail } ? detail : exception?.Message ?? "it ended the stream";
        return new WorkerFault(StatusCode.Unavailable, WorkerErrorTypes.NextShardLost,
            $"Shard '{session.Host.Index + 1}' of replica '{session.Host.Replica}' at '{address}' is lost: {reason.TrimEnd('.')}.");
    }

    private async Task ThrowFaultAsync()
    {
        if (session.Fault is not { } fault)
        {
            return;
        }
        try
        {
            await responses.WriteAsync(new StepAck { Step = session.FaultStep, Error = fault.ToDetail() });
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            services.Observer.CallerGone(session, exception);
        }
        throw fault.ToRpcException();
    }
}

/// <summary>What every Step call needs.</summary>
/// <param name="Device">Thread that owns the device.</param>
/// <param name="Fence">Epochs.</param>
/// <param name="Channels">Channels to other workers.</param>
/// <param name="Observer">Metrics and log.</param>
/// <param name="Draining">Cancelled when the worker begins to stop.</param>
internal sealed record StepCallServices(
    DeviceLoop Device, EpochFence Fence, Winnow.Hosting.ClusterChannels Channels, StepObserver Observer, CancellationToken Draining)
{
    /// <summary>Frees what a finished session holds on the device.</summary>
    public async Task ClearAsync(StepSession session)
    {
        try
        {
            await Device.InvokeAsync(() => session.Host.Clear(session));
        }
        catch (ChannelClosedException)
        {
            // The device's loop has ended with the process, and the session's state with it.
        }
    }
}
