using Grpc.Core;
using Winnow.Contracts;
using Winnow.Contracts.V1;
using Winnow.GpuWorker.Wire;

namespace Winnow.GpuWorker.Pipeline;

/// <summary>One Results call at the last shard: waits for the session of its epoch and writes its results in step order.</summary>
internal static class ResultsCall
{
    /// <summary>Serves the call until its session is over.</summary>
    /// <exception cref="RpcException">The session failed, or another call took this one's place.</exception>
    public static async Task RunAsync(ShardHost host, long epoch, IServerStreamWriter<StepResult> responses, CancellationToken cancellation)
    {
        ResultSubscription subscription = new(epoch);
        host.Subscribe(subscription);
        StepSession session;
        try
        {
            session = await subscription.Session.WaitAsync(cancellation);
        }
        finally
        {
            host.Unsubscribe(subscription);
        }
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
}
