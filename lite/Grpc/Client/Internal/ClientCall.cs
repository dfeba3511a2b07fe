using System.Net.Http.Headers;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// One call from start to status: its HTTP exchange, its deadline and its cancellation. The first status wins; every later failure
/// is reported as that status.
/// </summary>
internal sealed class ClientCall
{
    // Fires a little late rather than early, so that the clock has passed the deadline when the timer says so.
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    private readonly Lock _lock = new();
    private readonly GrpcChannel _channel;
    private readonly IMethod _method;
    private readonly CallOptions _options;
    private readonly RequestStream? _requests;
    private readonly DateTime _deadline;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<Metadata> _headers = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private CancellationTokenRegistration _cancellation;
    private ITimer? _timer;
    private HttpResponseMessage? _response;
    private Status _status;
    private Metadata _trailers = Metadata.Empty;
    private volatile bool _finished;

    public ClientCall(GrpcChannel channel, IMethod method, CallOptions options, RequestStream? requests)
    {
        _channel = channel;
        _method = method;
        _options = options;
        _requests = requests;
        _deadline = options.Deadline ?? DateTime.MaxValue;
        if (_deadline != DateTime.MaxValue && _deadline != DateTime.MinValue && _deadline.Kind != DateTimeKind.Utc)
        {
            throw new InvalidOperationException(
                $"The deadline of '{method.FullName}' is of kind '{_deadline.Kind}'; give a time of kind 'Utc'.");
        }
    }

    /// <summary>Fires when the call is over before its response was.</summary>
    public CancellationToken Aborted => _abort.Token;

    public CallOptions Options => _options;

    public Task<Metadata> ResponseHeadersAsync => _headers.Task;

    /// <summary>Whether the call has its final status.</summary>
    public bool IsFinished => _finished;

    public Status GetStatus() => _finished
        ? _status
        : throw new InvalidOperationException($"Call '{_method.FullName}' has no status yet; await its response first.");

    public Metadata GetTrailers() => _finished
        ? _trailers
        : throw new InvalidOperationException($"Call '{_method.FullName}' has no trailers yet; await its response first.");

    public void Dispose() => Cancel(new Status(StatusCode.Cancelled, "gRPC call disposed."));

    /// <summary>Ends the call with a status unless it is over, and breaks off what is under way.</summary>
    public void Cancel(Status status)
    {
        if (TryFinish(status, Metadata.Empty))
        {
            Abort();
        }
    }

    /// <summary>Cancels the call when the token fires.</summary>
    /// <returns>What to dispose when the token no longer matters.</returns>
    public CancellationTokenRegistration CancelOn(CancellationToken token)
    {
        return token.CanBeCanceled && token != _options.CancellationToken
            ? token.UnsafeRegister(static (call, fired) => ((ClientCall)call!).CancelledBy(fired), this)
            : default;
    }

    /// <summary>Sends the request and takes the head of the response.</summary>
    /// <returns>The response, or null when the call was already over with status OK (a response of trailers only).</returns>
    /// <exception cref="RpcException">The call failed.</exception>
    public async Task<HttpResponseMessage?> SendAsync(HttpContent content)
    {
        Arm();
        _abort.Token.ThrowIfCancellationRequested();
        HttpRequestMessage request = CreateRequest(content);
        HttpResponseMessage response = await _channel.SendAsync(request, _abort.Token).ConfigureAwait(false);
        Hold(response);
        Status? ended = CallStatus.FromHeaders(response.Headers);
        if (ended is { } status)
        {
            _headers.TrySetResult([]);
            TryFinish(status, ReadMetadata(response.Headers));
            _requests?.Stop();
            return status.StatusCode == StatusCode.OK ? null : throw CreateException();
        }

        if (CallStatus.FromResponse(response) is { } failure)
        {
            throw new RpcException(failure);
        }

        _headers.TrySetResult(ReadMetadata(response.Headers));
        return response;
    }

    /// <summary>Ends the call with the status in the trailers of a response that was read to its end.</summary>
    /// <param name="response">The response.</param>
    /// <param name="invalid">Replaces the status OK when the messages were not what the method promises.</param>
    public void Finish(HttpResponseMessage response, Status? invalid = null)
    {
        Status status = CallStatus.FromHeaders(response.TrailingHeaders)
            ?? new Status(StatusCode.Unknown, "The server ended the response without 'grpc-status'.");
        if (status.StatusCode == StatusCode.OK && invalid is { } replacement)
        {
            status = replacement;
        }

        TryFinish(status, ReadMetadata(response.TrailingHeaders));
        _requests?.Stop();
    }

    /// <summary>Ends the call because of an exception, unless it is over.</summary>
    /// <returns>What to throw: the final status of the call.</returns>
    public RpcException Fail(Exception exception)
    {
        Status status = exception switch
        {
            RpcException rpc => rpc.Status,
            OperationCanceledException => new Status(StatusCode.Cancelled, "Call canceled by the client.", exception),
            _ => CallStatus.FromException(exception),
        };

        // A server that watches the deadline may break the stream before our own timer fires.
        if (status.StatusCode == StatusCode.Cancelled && exception is not RpcException && DeadlinePassed())
        {
            status = new Status(StatusCode.DeadlineExceeded, "", exception);
        }

        if (TryFinish(status, Metadata.Empty))
        {
            Abort();
        }

        return CreateException();
    }

    /// <summary>The final status as an exception. The call must be over.</summary>
    public RpcException CreateException() => new(GetStatus(), _trailers);

    private static Metadata ReadMetadata(HttpHeaders headers)
    {
        var metadata = new Metadata();
        foreach (KeyValuePair<string, HeaderStringValues> header in headers.NonValidated)
        {
            foreach (string value in header.Value)
            {
                MetadataReader.Add(metadata, header.Key, value);
            }
        }

        return metadata;
    }

    /// <summary>Starts to watch the deadline and the caller's token.</summary>
    private void Arm()
    {
        _channel.Add(this);
        if (_deadline != DateTime.MaxValue)
        {
            if (DeadlinePassed())
            {
                Cancel(new Status(StatusCode.DeadlineExceeded, ""));
                return;
            }

            ITimer timer = _time.CreateTimer(
                static call => ((ClientCall)call!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            lock (_lock)
            {
                _timer = timer;
                timer.Change(NextTimer(), Timeout.InfiniteTimeSpan);
            }
        }

        CancellationTokenRegistration registration = _options.CancellationToken.UnsafeRegister(
            static (call, token) => ((ClientCall)call!).CancelledBy(token), this);
        bool late;
        lock (_lock)
        {
            _cancellation = registration;
            late = _finished;
        }

        if (late)
        {
            Release();
        }
    }

    private HttpRequestMessage CreateRequest(HttpContent content)
    {
        HttpRequestMessage request = _channel.CreateRequest(_method, content);
        foreach (Metadata.Entry entry in _options.Headers ?? Metadata.Empty)
        {
            if (!GrpcHeaders.IsReserved(entry.Key) && !request.Headers.TryAddWithoutValidation(entry.Key, MetadataReader.Encode(entry)))
            {
                throw new RpcException(new Status(
                    StatusCode.Internal, $"Header '{entry.Key}' cannot be sent with a request; choose another key."));
            }
        }

        if (_deadline != DateTime.MaxValue)
        {
            TimeSpan left = _deadline - _time.GetUtcNow().UtcDateTime;
            request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, TimeoutHeader.Format(left > TimeSpan.Zero ? left : TimeSpan.Zero));
        }

        return request;
    }

    private void Hold(HttpResponseMessage response)
    {
        bool late;
        lock (_lock)
        {
            _response = response;
            late = _finished;
        }

        if (late)
        {
            response.Dispose();
            throw CreateException();
        }
    }

    private bool TryFinish(Status status, Metadata trailers)
    {
        lock (_lock)
        {
            if (_finished)
            {
                return false;
            }

            _status = status;
            _trailers = trailers;
            _finished = true;
        }

        if (_headers.TrySetException(CreateException()))
        {
            _ = _headers.Task.Exception; // observed: the same failure reaches the caller with the response
        }

        Release();
        return true;
    }

    /// <summary>Gives back what watches the call. Done once the call is over.</summary>
    private void Release()
    {
        ITimer? timer;
        CancellationTokenRegistration registration;
        lock (_lock)
        {
            (timer, _timer) = (_timer, null);
            (registration, _cancellation) = (_cancellation, default);
        }

        timer?.Dispose();
        registration.Unregister();
        _channel.Remove(this);
    }

    /// <summary>Breaks off the HTTP exchange: the server sees RST_STREAM.</summary>
    private void Abort()
    {
        _abort.Cancel();
        HttpResponseMessage? response;
        lock (_lock)
        {
            response = _response;
        }

        response?.Dispose();
        _requests?.Stop();
    }

    private void CancelledBy(CancellationToken token) =>
        Cancel(new Status(StatusCode.Cancelled, "Call canceled by the client.", new OperationCanceledException(token)));

    private bool DeadlinePassed() => _time.GetUtcNow().UtcDateTime >= _deadline;

    private TimeSpan NextTimer()
    {
        TimeSpan left = _deadline - _time.GetUtcNow().UtcDateTime + TimerSlack;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestTimer ? left : LongestTimer;
    }

    private void OnTimer()
    {
        if (DeadlinePassed())
        {
            Cancel(new Status(StatusCode.DeadlineExceeded, ""));
            return;
        }

        lock (_lock)
        {
            _timer?.Change(NextTimer(), Timeout.InfiniteTimeSpan);
        }
    }
}
