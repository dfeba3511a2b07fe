using System.Collections.Concurrent;
using System.Diagnostics;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>
/// A drafter in this process, on a thread of its own. Rounds are answered one after the other; when too many wait, further ones are answered empty at once. Between rounds
/// it drafts ahead, a pass at a time.
/// </summary>
public sealed class InProcessDraftClient : IDraftClient
{
    private const int MaxOpenRounds = 4;

    private readonly IDraftEngine _engine;
    private readonly Thread _thread;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<long> _closes = [];
    private readonly Queue<Round> _rounds = new();
    private readonly List<DraftBranch> _branches = [];
    private readonly ConcurrentQueue<DraftMirror> _mirrors = new();
    private readonly Lazy<Task> _closing;
    private Action<IReadOnlyList<DraftBranch>, TimeSpan>? _receive;

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
            if (_rounds.Count >= MaxOpenRounds || _end.IsCancellationRequested)
            {
                return [];
            }
            round = new Round(queries, [.. _closes]);
            _closes.Clear();
            _rounds.Enqueue(round);
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
    public void OnBranches(Action<IReadOnlyList<DraftBranch>, TimeSpan> receive) => _receive = receive;

    /// <inheritdoc />
    public void Mirror(IReadOnlyList<DraftMirror> mirrors)
    {
        if (_end.IsCancellationRequested)
        {
            return;
        }
        foreach (DraftMirror mirror in mirrors)
        {
            _mirrors.Enqueue(mirror);
        }
        _wake.Release();
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
                Run();
                DraftAhead();
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            lock (_lock)
            {
                foreach (Round round in _rounds)
                {
                    round.Done.TrySetCanceled();
                }
            }
        }
    }

    private void Run()
    {
        TakeMirrors();
        Round? round;
        lock (_lock)
        {
            if (!_rounds.TryPeek(out round))
            {
                // Woken for mirrors alone.
                return;
            }
        }
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

    private void TakeMirrors()
    {
        try
        {
            while (_mirrors.TryDequeue(out DraftMirror? mirror))
            {
                _engine.Mirror(mirror);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // They are hints for what is drafted ahead, which begins anew; a fault that stays shows in the next round.
            _engine.ClearAhead();
        }
    }

    // Branches that come too late cost nothing here but this thread's time: the asker finds nothing under their key.
    private void DraftAhead()
    {
        long began = Stopwatch.GetTimestamp();
        try
        {
            while (_engine.HasAhead && _wake.CurrentCount == 0)
            {
                _engine.Advance(_branches, _end.Token);
            }
        }
        catch (Exception exception) when (exception is not OperationCanceledException)
        {
            // The next round finds the drafter as it is; a fault that stays shows there.
            _engine.ClearAhead();
        }
        if (_branches.Count > 0)
        {
            _receive?.Invoke([.. _branches], Stopwatch.GetElapsedTime(began));
            _branches.Clear();
        }
    }

    private void Release()
    {
        lock (_lock)
        {
            _rounds.Dequeue();
        }
    }

    private sealed record Round(IReadOnlyList<DraftQuery> Queries, IReadOnlyList<long> Closes)
    {
        public TaskCompletionSource<IReadOnlyList<DraftProposal>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
