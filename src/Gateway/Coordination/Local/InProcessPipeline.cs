using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination.Local;

/// <summary>
/// A pipeline whose shards run in this process, each on a thread of its own. Steps pass from thread to thread through bounded queues, hidden states
/// in pooled buffers.
/// </summary>
public sealed class InProcessPipeline : ITargetPipeline
{
    private const int QueuedSteps = 64;

    private readonly IReadOnlyList<ShardEngine> _engines;
    private readonly BlockingCollection<StepInTransit>[] _queues;
    private readonly Thread[] _threads;
    private readonly Channel<StepResult> _results = Channel.CreateUnbounded<StepResult>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly Lazy<Task> _closing;
    private volatile Action<IReadOnlyList<DraftMirror>>? _mirrors;

    /// <summary>Starts the threads.</summary>
    /// <param name="engines">The shards in order, from the embedding to the head; disposed with the pipeline.</param>
    /// <param name="epoch">Epoch to put on steps. Default 1.</param>
    /// <exception cref="ArgumentException">The shards do not make up one model.</exception>
    public InProcessPipeline(IReadOnlyList<ShardEngine> engines, long epoch = 1)
    {
        _engines = engines;
        Shape = PipelineShapes.Of(engines, epoch);
        _closing = new Lazy<Task>(CloseAsync);
        _queues = new BlockingCollection<StepInTransit>[engines.Count];
        _threads = new Thread[engines.Count];
        for (int i = 0; i < engines.Count; i++)
        {
            _queues[i] = new BlockingCollection<StepInTransit>(QueuedSteps);
        }
        for (int i = 0; i < engines.Count; i++)
        {
            int index = i;
            _threads[i] = new Thread(() => Loop(index)) { IsBackground = true, Name = $"winnow-shard-{i}" };
            _threads[i].Start();
        }
    }

    /// <inheritdoc />
    public PipelineShape Shape { get; }

    /// <inheritdoc />
    public ChannelReader<StepResult> Results => _results.Reader;

    /// <inheritdoc />
    public void OnMirrors(Action<IReadOnlyList<DraftMirror>> receive) => _mirrors = receive;

    /// <inheritdoc />
    public ValueTask SendAsync(StepBatch batch, CancellationToken cancellation)
    {
        _queues[0].Add(new StepInTransit(batch, null, 0, null), cancellation);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => new(_closing.Value);

    private async Task CloseAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        _results.Writer.TryComplete();
        await Task.Run(CloseThreads).ConfigureAwait(false);
    }

    private void CloseThreads()
    {
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }
        for (int i = 0; i < _engines.Count; i++)
        {
            _queues[i].Dispose();
            _engines[i].Dispose();
        }
        _end.Dispose();
    }

    private void Loop(int index)
    {
        try
        {
            while (true)
            {
                StepInTransit step = _queues[index].Take(_end.Token);
                Run(index, step);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Disposed, or another shard failed.
        }
        catch (Exception exception)
        {
            // A shard's state is unknown from here on: the pipeline breaks, and the coordinator is told why.
            _results.Writer.TryComplete(exception);
            _end.Cancel();
        }
    }

    private void Run(int index, StepInTransit step)
    {
        StepError? error = step.Error;
        StepOutcome? outcome = null;
        if (error is null)
        {
            outcome = _engines[index].Execute(step.Batch, step.Hidden.AsSpan(0, step.HiddenLength), _end.Token);
            error = outcome.Error;
        }
        // What the last shard's result tells at once is not worth a word of its own.
        if (outcome is { Mirrors.Count: > 0 } && index + 1 < _engines.Count)
        {
            _mirrors?.Invoke(outcome.Mirrors);
        }
        if (step.Hidden is not null)
        {
            ArrayPool<float>.Shared.Return(step.Hidden);
        }
        if (index + 1 < _engines.Count)
        {
            _queues[index + 1].Add(error is null ? Next(outcome!) : step with { Hidden = null, HiddenLength = 0, Error = error }, _end.Token);
        }
        else
        {
            // A step that failed at an earlier shard passes the later ones too, so that results stay in order.
            _results.Writer.TryWrite(error is null ? outcome!.Result! : new StepResult { Epoch = step.Batch.Epoch, Step = step.Batch.Step, Error = error });
        }
    }

    private static StepInTransit Next(StepOutcome outcome)
    {
        float[] hidden = ArrayPool<float>.Shared.Rent(outcome.Hidden.Length);
        outcome.Hidden.Span.CopyTo(hidden);
        return new StepInTransit(outcome.Batch, hidden, outcome.Hidden.Length, null);
    }

    private readonly record struct StepInTransit(StepBatch Batch, float[]? Hidden, int HiddenLength, StepError? Error);
}
