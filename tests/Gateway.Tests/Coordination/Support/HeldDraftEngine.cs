using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Tests.Coordination.Support;

/// <summary>A draft engine that answers nothing before it is released.</summary>
internal sealed class HeldDraftEngine : IDraftEngine
{
    private readonly ManualResetEventSlim _released = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completed when it is first asked.</summary>
    public Task Asked => _asked.Task;

    public IReadOnlyList<DraftProposal> Propose(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        _asked.TrySetResult();
        _released.Wait(TestLimits.Patience, cancellation);
        return [];
    }

    public void Release() => _released.Set();

    public void Dispose() => _released.Set();
}
