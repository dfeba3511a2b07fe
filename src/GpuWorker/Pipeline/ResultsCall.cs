using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Wire;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>One Results call at the last shard: waits for the session of its epoch and writes its results in step order.</summary>
internal static class ResultsCall
{
    /// <summary>Serves the call until its session is over.</summary>
    /// <param name="host">The last shard.</param>
    /// <param name="epoch">Epoch of the coordinator.</param>
    /// <param name="responses">Where the results go.</param>
    /// <param name="cancellation">Cancelled when the caller is gone.</param>
    /// <param name="draining">Cancelled when the worker begins to stop.</param>
    /// <exception cref="RpcException">The session failed, or another call took this one's place.</exception>
    public static async Task RunAsync(
        ShardHost host, long epoch, IServerStreamWriter<StepResult> responses, CancellationToken cancellation, CancellationToken draining)
    {
        ResultSubscription subscription = new(epoch);
        host.Subscribe(subscription);
        StepSession session = await SessionAsync(host, subscription, cancellation, draining);
        try
        {
            await foreach (StepResult result in session.Results.ReadAllAsync(cancellation))
            {
                await responses.WriteAsync(result);
            }
        }
        catch (Exception exception) when (StreamErrors.IsBrokenWrite(exception))
        {
            session.Fail(new WorkerFault(StatusCode.Aborted, WorkerErrorTypes.ResultsNotRead,
                $"The coordinator of replica '{host.Replica}' stopped reading its results: {exception.Message.TrimEnd('.')}."));
            throw;
        }
        if (session.Fault is { } fault)
        {
            throw fault.ToRpcException();
        }
    }

    /// <summary>Waits for the session; a worker that stops does not wait for one.</summary>
    private static async Task<StepSession> SessionAsync(
        ShardHost host, ResultSubscription subscription, CancellationToken cancellation, CancellationToken draining)
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, draining);
        try
        {
            return await subscription.Session.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException) when (draining.IsCancellationRequested)
        {
            throw WorkerFault.Draining().ToRpcException();
        }
        finally
        {
            host.Unsubscribe(subscription);
        }
    }
}
