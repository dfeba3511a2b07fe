using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>A drafter in this process, on a thread of its own. While it works on a round, further ones are answered empty at once.</summary>
public sealed class InProcessDraftClient : IDraftClient
{
    private readonly IDraftEngine _engine;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<long> _closes = [];
    private readonly Lazy<Task> _closing;
    private Round? _round;

    /// <summary>Starts the thread.</summary>
    /// <param name="engine">The drafter; disposed with the client.</param>
    public InProcessDraftClient(IDraftEngine engine)
    {
        _engine = engine;
        _closing = new Lazy<Task>(CloseAsync);
        _thread = new Thread(Loop) { IsBackground = true, Name = "winnow-draft" };
        _thread.Start();
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        Round round;
        lock (_lock)
        {
            _closes.AddRange(closes);
            if (_round is not null || _end.IsCancellationRequested)
            {
                return [];
            }
            round = new Round(queries, [.. _closes]);
            _closes.Clear();
            _round = round;
        }
        _wake.Release();
        try
        {
            return await round.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return [];
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await Task.Run(_thread.Join).ConfigureAwait(false);
        _engine.Dispose();
        _wake.Dispose();
        _end.Dispose();
    }

    private void Loop()
    {
        try
        {
            while (true)
            {
                _wake.Wait(_end.Token);
                Run(_round!);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            _round?.Done.TrySetCanceled();
        }
    }

    private void Run(Round round)
    {
        try
        {
            IReadOnlyList<DraftProposal> proposals = _engine.Propose(round.Queries, round.Closes, _end.Token);
            Release();
            round.Done.TrySetResult(proposals);
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The asker is told; the next round finds the drafter as it is.
            Release();
            round.Done.TrySetException(exception);
        }
    }

    private void Release()
    {
        lock (_lock)
        {
            _round = null;
        }
    }

    private sealed record Round(IReadOnlyList<DraftQuery> Queries, IReadOnlyList<long> Closes)
    {
        public TaskCompletionSource<IReadOnlyList<DraftProposal>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
