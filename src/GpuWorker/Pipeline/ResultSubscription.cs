namespace Winnow.GpuWorker.Pipeline;

/// <summary>A coordinator's wish to read the results of one replica at its last shard; waits until a session of its epoch begins.</summary>
/// <param name="epoch">Epoch of the coordinator.</param>
public sealed class ResultSubscription(long epoch)
{
    private readonly TaskCompletionSource<StepSession> _session = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Epoch of the coordinator.</summary>
    public long Epoch { get; } = epoch;

    /// <summary>The session whose results it reads; fails with a gRPC status when there will be none.</summary>
    public Task<StepSession> Session => _session.Task;

    /// <summary>The session has begun.</summary>
    public void Begin(StepSession session) => _session.TrySetResult(session);

    /// <summary>There will be no session.</summary>
    public void Fail(WorkerFault fault) => _session.TrySetException(fault.ToRpcException());
}
