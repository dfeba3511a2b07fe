using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Winnow.Contracts;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// Shards in worker processes: steps go to shard 0 on one stream, results come from the last shard on another. The first fault of either
/// stream breaks the pipeline as a whole; a new one begins with new streams, for which workers forget what the old ones left.
/// </summary>
internal sealed partial class RemotePipeline : ITargetPipeline
{
    // More steps than this are never in flight; the coordinator's own limit is lower.
    private const int OutboxSteps = 64;

    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    private readonly string _replica;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<StepBatch> _outbox = Channel.CreateBounded<StepBatch>(new BoundedChannelOptions(OutboxSteps) { SingleReader = true });
    private readonly Channel<StepResult> _results = Channel.CreateBounded<StepResult>(new BoundedChannelOptions(2 * OutboxSteps) { SingleWriter = true });
    private readonly Task _streams;
    private volatile Action<IReadOnlyList<DraftMirror>>? _mirrors;

    /// <summary>Opens the streams.</summary>
    /// <param name="replica">Replica id.</param>
    /// <param name="shape">Sizes, with the epoch to run under.</param>
    /// <param name="first">Client of shard 0's worker.</param>
    /// <param name="last">Client of the last shard's worker.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public RemotePipeline(
        string replica, PipelineShape shape, V1.Worker.WorkerClient first, V1.Worker.WorkerClient last, TimeProvider time, ILogger logger)
    {
        _replica = replica;
        Shape = shape;
        _time = time;
        _logger = logger;
        _streams = Task.WhenAll(
            GuardAsync(() => ReadResultsAsync(last)),
            GuardAsync(() => RunStepsAsync(first)));
    }

    /// <inheritdoc />
    public PipelineShape Shape { get; }

    /// <inheritdoc />
    public ChannelReader<StepResult> Results => _results.Reader;

    /// <inheritdoc />
    public ValueTask SendAsync(StepBatch batch, CancellationToken cancellation) => _outbox.Writer.WriteAsync(batch, cancellation);

    /// <inheritdoc />
    public void OnMirrors(Action<IReadOnlyList<DraftMirror>> receive) => _mirrors = receive;

    /// <summary>Closes the step stream and lets the workers end the others; cuts them off when that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        _outbox.Writer.TryComplete();
        try
        {
            await _streams.WaitAsync(CloseTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            Break(new OperationCanceledException("The pipeline was closed."));
            await _streams.ConfigureAwait(false);
        }
        _end.Dispose();
    }

    private async Task ReadResultsAsync(V1.Worker.WorkerClient last)
    {
        var request = new V1.ResultsRequest { Replica = _replica, Epoch = Shape.Epoch };
        using AsyncServerStreamingCall<V1.StepResult> call = last.Results(request, cancellationToken: _end.Token);
        while (await call.ResponseStream.MoveNext(_end.Token).ConfigureAwait(false))
        {
            await _results.Writer.WriteAsync(WireDecoder.Result(call.ResponseStream.Current), _end.Token).ConfigureAwait(false);
        }
        throw new IOException($"The last shard of '{_replica}' ended its results.");
    }

    private async Task RunStepsAsync(V1.Worker.WorkerClient first)
    {
        using AsyncDuplexStreamingCall<V1.StepMessage, V1.StepAck> call = first.Step(cancellationToken: _end.Token);
        Task sending = GuardAsync(() => SendStepsAsync(call.RequestStream));
        await GuardAsync(() => ReadAcksAsync(call.ResponseStream)).ConfigureAwait(false);
        await sending.ConfigureAwait(false);
    }

    private async Task SendStepsAsync(IClientStreamWriter<V1.StepMessage> requests)
    {
        await foreach (StepBatch batch in _outbox.Reader.ReadAllAsync(_end.Token).ConfigureAwait(false))
        {
            try
            {
                await requests.WriteAsync(WireEncoder.Step(_replica, batch)).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is RpcException or IOException or InvalidOperationException && !_end.IsCancellationRequested)
            {
                // The response side ends with the reason, which says more than "the write failed".
                LogWriteFailed(_logger, _replica, batch.Step, exception);
                return;
            }
        }
        await requests.CompleteAsync().ConfigureAwait(false);
    }

    private async Task ReadAcksAsync(IAsyncStreamReader<V1.StepAck> acks)
    {
        while (await acks.MoveNext(_end.Token).ConfigureAwait(false))
        {
            if (acks.Current.Error is { } error)
            {
                throw new IOException($"Step '{acks.Current.Step}' of '{_replica}' failed ({error.Type}): {error.Message}");
            }
            if (acks.Current.Mirrors.Count > 0)
            {
                _mirrors?.Invoke(WireDecoder.Mirrors(acks.Current));
            }
        }
        throw new IOException($"Shard 0 of '{_replica}' ended the step stream.");
    }

    private async Task GuardAsync(Func<Task> work)
    {
        try
        {
            await work().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Whatever ends one stream ends the pipeline; the coordinator gets the first reason.
            Break(exception is RpcException rpc ? Describe(rpc) : exception);
        }
    }

    private IOException Describe(RpcException exception)
    {
        string type = exception.Trailers.GetValue(WorkerErrorTypes.Trailer) ?? exception.StatusCode.ToString();
        return new IOException($"A stream of '{_replica}' broke ({type}): {exception.Status.Detail}", exception);
    }

    private void Break(Exception cause)
    {
        if (_results.Writer.TryComplete(cause))
        {
            _outbox.Writer.TryComplete(cause);
            _end.Cancel();
        }
    }

    [LoggerMessage(3130, LogLevel.Debug, "Step {Step} of {Replica} could not be written")]
    private static partial void LogWriteFailed(ILogger logger, string replica, long step, Exception exception);
}
