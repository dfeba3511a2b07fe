using System.Threading.Channels;
using Grpc.Core;
using Microsoft.Extensions.Logging;
using Polly;
using Winnow.Hosting.Calls;
using Winnow.Inference.Drafting;
using V1 = Winnow.Contracts.V1;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>
/// A drafter in a worker process. Rounds are numbered, and replies that nobody waits for dropped; while the stream is away, or the worker has too many rounds
/// open, the answer is empty at once. A worker that answers nothing for too long gets a new stream.
/// </summary>
internal sealed partial class RemoteDraftClient : IDraftClient
{
    private const int MaxOpenRounds = 12;

    // A worker reads that much of prompts in the time in which it answers any other round, at the least.
    private const int TokensPerStallTimeout = 1024;

    // Timers fire somewhat early.
    private const double StalledPart = 0.9;

    // What it says of its time is used for weighing only.
    private const long MostComputeMicros = 60_000_000;

    private readonly string _replica;
    private readonly long _epoch;
    private readonly ReplicaOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly List<long> _closes = [];
    private readonly Task _connection;
    private TaskCompletionSource<DraftWorker> _worker;
    private ChannelWriter<V1.DraftRequest>? _requests;
    private CancellationTokenSource? _stream;
    private readonly Dictionary<long, TaskCompletionSource<V1.DraftReply>> _waiting = [];
    private Action<IReadOnlyList<DraftBranch>, TimeSpan>? _branches;
    private long _round;
    private long _lastReplyAt;

    /// <summary>Connects in the background, and again whenever the stream breaks.</summary>
    /// <param name="replica">The drafter's replica id, <c>model/0/draft</c>.</param>
    /// <param name="epoch">Epoch to run under.</param>
    /// <param name="worker">The draft worker, or <see langword="null"/> while there is none.</param>
    /// <param name="options">Delays between attempts.</param>
    /// <param name="time">Clock.</param>
    /// <param name="logger">Log.</param>
    public RemoteDraftClient(
        string replica, long epoch, DraftWorker? worker, ReplicaOptions options, TimeProvider time, ILogger logger)
    {
        _replica = replica;
        _epoch = epoch;
        _worker = Promise(worker);
        _options = options;
        _time = time;
        _logger = logger;
        _connection = Task.Run(KeepConnectedAsync);
    }

    /// <inheritdoc />
    public async ValueTask<IReadOnlyList<DraftProposal>> ProposeAsync(
        IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation)
    {
        if (Ask(queries, closes, out long round) is not { } reply)
        {
            return [];
        }
        try
        {
            V1.DraftReply message = await WaitAsync(reply, Patience(queries), cancellation).ConfigureAwait(false);
            if (message.Error is { } error)
            {
                LogRoundFailed(_logger, _replica, message.Round, error.Type, error.Message);
            }
            return WireDecoder.Proposals(message);
        }
        catch (Exception exception) when (exception is OperationCanceledException or TimeoutException)
        {
            return [];
        }
        finally
        {
            Forget(round);
        }
    }

    /// <inheritdoc />
    public void OnBranches(Action<IReadOnlyList<DraftBranch>, TimeSpan> receive) => _branches = receive;

    /// <inheritdoc />
    public void Mirror(IReadOnlyList<DraftMirror> mirrors)
    {
        lock (_lock)
        {
            _requests?.TryWrite(WireEncoder.Mirrors(_replica, _epoch, mirrors));
        }
    }

    /// <summary>The draft model is on this worker from now on, or on none for a while; the sequences go on meanwhile, without drafts.</summary>
    public void MoveTo(DraftWorker? worker)
    {
        lock (_lock)
        {
            if (_worker.Task is { IsCompletedSuccessfully: true } known ? known.Result.Address == worker?.Address : worker is null)
            {
                return;
            }
            TaskCompletionSource<DraftWorker> before = _worker;
            _worker = Promise(worker);
            if (worker is not null)
            {
                before.TrySetResult(worker);
            }
            _stream?.Cancel();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync().ConfigureAwait(false);
        await _connection.ConfigureAwait(false);
        _end.Dispose();
    }

    private Task<V1.DraftReply>? Ask(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, out long round)
    {
        lock (_lock)
        {
            round = 0;
            if (_requests is null)
            {
                // A new stream begins with nothing, so that there is nothing to close on it.
                return null;
            }
            _closes.AddRange(closes);
            if (_waiting.Count >= MaxOpenRounds)
            {
                return null;
            }
            var waiting = new TaskCompletionSource<V1.DraftReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            round = ++_round;
            _waiting.Add(round, waiting);
            _lastReplyAt = _waiting.Count == 1 ? _time.GetTimestamp() : _lastReplyAt;
            _requests.TryWrite(WireEncoder.Draft(_replica, _epoch, round, queries, _closes));
            _closes.Clear();
            return waiting.Task;
        }
    }

    private TimeSpan Patience(IReadOnlyList<DraftQuery> queries)
    {
        long tokens = 0;
        foreach (DraftQuery query in queries)
        {
            tokens += query.NewTokens.Length;
        }
        return _options.DraftStallTimeout * (1 + (tokens / TokensPerStallTimeout));
    }

    private async Task<V1.DraftReply> WaitAsync(Task<V1.DraftReply> reply, TimeSpan patience, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await reply.WaitAsync(patience, _time, cancellation).ConfigureAwait(false);
            }
            catch (TimeoutException) when (!EndStalled(patience))
            {
                // It has answered others meanwhile.
            }
        }
    }

    private bool EndStalled(TimeSpan patience)
    {
        lock (_lock)
        {
            bool isStalled = _time.GetElapsedTime(_lastReplyAt) >= StalledPart * patience;
            if (isStalled && _stream is { IsCancellationRequested: false })
            {
                LogStalled(_logger, _replica, patience.TotalSeconds);
                _stream.Cancel();
            }
            return isStalled;
        }
    }

    private void Forget(long round)
    {
        lock (_lock)
        {
            _waiting.Remove(round);
        }
    }

    private void Answer(V1.DraftReply reply)
    {
        TaskCompletionSource<V1.DraftReply>? waiting;
        lock (_lock)
        {
            _waiting.Remove(reply.Round, out waiting);
            _lastReplyAt = waiting is null ? _lastReplyAt : _time.GetTimestamp();
        }
        waiting?.TrySetResult(reply);
        if (reply.Branches.Count > 0)
        {
            _branches?.Invoke(WireDecoder.Branches(reply), TimeSpan.FromMicroseconds(Math.Clamp(reply.ComputeMicros, 0, MostComputeMicros)));
        }
    }

    private async Task KeepConnectedAsync()
    {
        ResiliencePipeline retry = CallPolicies.KeepTrying(
            CallNames.DraftStream, _options.Delays, _time, static _ => true, (attempt, exception) => LogDisconnected(_logger, _replica, attempt, exception));
        try
        {
            await retry.ExecuteAsync(async token => await RunStreamAsync(token).ConfigureAwait(false), _end.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // Disposed.
        }
    }

    private static TaskCompletionSource<DraftWorker> Promise(DraftWorker? worker)
    {
        TaskCompletionSource<DraftWorker> promise = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (worker is not null)
        {
            promise.SetResult(worker);
        }
        return promise;
    }

    private Task<DraftWorker> Worker()
    {
        lock (_lock)
        {
            return _worker.Task;
        }
    }

    private async Task RunStreamAsync(CancellationToken cancellation)
    {
        using var stream = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        DraftWorker worker = await Worker().WaitAsync(cancellation).ConfigureAwait(false);
        using AsyncDuplexStreamingCall<V1.DraftRequest, V1.DraftReply> call = worker.Client.Draft(cancellationToken: stream.Token);
        Channel<V1.DraftRequest> requests = Channel.CreateUnbounded<V1.DraftRequest>(new UnboundedChannelOptions { SingleReader = true });
        Begin(requests.Writer, stream);
        Task sending = SendAsync(requests.Reader, call.RequestStream, stream);
        try
        {
            while (await call.ResponseStream.MoveNext(stream.Token).ConfigureAwait(false))
            {
                Answer(call.ResponseStream.Current);
            }
            throw new IOException($"The draft worker of '{_replica}' ended the stream.");
        }
        finally
        {
            Finish();
            requests.Writer.TryComplete();
            await stream.CancelAsync().ConfigureAwait(false);
            await sending.ConfigureAwait(false);
        }
    }

    private async Task SendAsync(ChannelReader<V1.DraftRequest> requests, IClientStreamWriter<V1.DraftRequest> writer, CancellationTokenSource stream)
    {
        try
        {
            await foreach (V1.DraftRequest request in requests.ReadAllAsync(stream.Token).ConfigureAwait(false))
            {
                await writer.WriteAsync(request).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is RpcException or IOException or InvalidOperationException or OperationCanceledException)
        {
            // The reading side ends with the reason.
            LogWriteFailed(_logger, _replica, exception);
        }
    }

    private void Begin(ChannelWriter<V1.DraftRequest> requests, CancellationTokenSource stream)
    {
        lock (_lock)
        {
            _requests = requests;
            _stream = stream;
            _closes.Clear();
        }
    }

    private void Finish()
    {
        TaskCompletionSource<V1.DraftReply>[] waiting;
        lock (_lock)
        {
            _requests = null;
            _stream = null;
            waiting = [.. _waiting.Values];
            _waiting.Clear();
        }
        foreach (TaskCompletionSource<V1.DraftReply> round in waiting)
        {
            round.TrySetCanceled();
        }
    }

    [LoggerMessage(3140, LogLevel.Warning, "The draft stream of {Replica} is away (attempt {Attempt}); steps go without drafts meanwhile")]
    private static partial void LogDisconnected(ILogger logger, string replica, int attempt, Exception? exception);

    [LoggerMessage(3141, LogLevel.Warning, "The drafter of {Replica} has answered nothing for {Seconds} s; its stream is opened again")]
    private static partial void LogStalled(ILogger logger, string replica, double seconds);

    [LoggerMessage(3142, LogLevel.Debug, "Draft round {Round} of {Replica} failed: {ErrorType}: {ErrorMessage}")]
    private static partial void LogRoundFailed(ILogger logger, string replica, long round, string errorType, string errorMessage);

    [LoggerMessage(3143, LogLevel.Debug, "A draft request of {Replica} could not be written")]
    private static partial void LogWriteFailed(ILogger logger, string replica, Exception exception);
}
