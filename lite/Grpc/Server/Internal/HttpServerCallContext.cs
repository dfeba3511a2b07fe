using System.Net.Sockets;
using Grpc.Core;
using Grpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A call that the ASP.NET Core host serves: its deadline, its responses and its end.</summary>
internal sealed class HttpServerCallContext : ServerCallContext
{
    private const int Http2InternalError = 2;
    private const int Http2Cancel = 8;

    // Fires a little late rather than early, so that the client's own timer comes first.
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    private readonly IMethod _method;
    private readonly GrpcServiceOptions _options;
    private readonly ILogger _logger;
    private readonly PipeMessageWriter _messages;
    private CancellationTokenSource? _cancellation;
    private CancellationToken _token;
    private ITimer? _timer;
    private Task _deadlineAnswer = Task.CompletedTask;
    private DateTime _deadline = DateTime.MaxValue;
    private Metadata? _requestHeaders;
    private Metadata? _trailers;
    private Status _status;
    private volatile bool _deadlinePassed;

    public HttpServerCallContext(HttpContext httpContext, IMethod method, GrpcServiceOptions options, ILogger logger)
    {
        HttpContext = httpContext;
        _method = method;
        _options = options;
        _logger = logger;
        _token = httpContext.RequestAborted;
        _messages = new PipeMessageWriter(httpContext.Response.BodyWriter, options.MaxSendMessageSize);
    }

    public HttpContext HttpContext { get; }

    /// <summary>Who may write responses.</summary>
    public CallGate Responses { get; } = new(
        "Can't write the message because the previous write is in progress.",
        "Can't write the message because the request is complete.");

    protected override string MethodCore => _method.FullName;

    protected override string HostCore => HttpContext.Request.Host.Value ?? "";

    protected override string PeerCore => HttpContext.Connection.RemoteIpAddress switch
    {
        null => "unknown",
        { AddressFamily: AddressFamily.InterNetwork } address => $"ipv4:{address}:{HttpContext.Connection.RemotePort}",
        { AddressFamily: AddressFamily.InterNetworkV6 } address => $"ipv6:[{address}]:{HttpContext.Connection.RemotePort}",
        { } address => $"unknown:{address}:{HttpContext.Connection.RemotePort}",
    };

    protected override DateTime DeadlineCore => _deadline;

    protected override Metadata RequestHeadersCore => _requestHeaders ??= ReadHeaders();

    protected override CancellationToken CancellationTokenCore => _token;

    protected override Metadata ResponseTrailersCore => _trailers ??= [];

    protected override Status StatusCore
    {
        get => _status;
        set => _status = value;
    }

    protected override WriteOptions? WriteOptionsCore { get; set; }

    protected override IDictionary<object, object> UserStateCore => HttpContext.Items!;

    /// <summary>Starts to watch the deadline, if the client set one.</summary>
    public void Start()
    {
        string? header = HttpContext.Request.Headers[GrpcHeaders.Timeout];
        if (header is null)
        {
            return;
        }

        if (!TimeoutHeader.TryParse(header, out TimeSpan timeout))
        {
            GrpcServerLog.InvalidTimeout(_logger, _method.FullName, header);
            return;
        }

        DateTime now = TimeProvider.System.GetUtcNow().UtcDateTime;
        _deadline = timeout < DateTime.MaxValue - now ? now + timeout : DateTime.MaxValue;
        _cancellation = CancellationTokenSource.CreateLinkedTokenSource(_token);
        _token = _cancellation.Token;
        _timer = TimeProvider.System.CreateTimer(
            static call => ((HttpServerCallContext)call!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _timer.Change(NextTimer(), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Writes the one response of a call; it leaves together with the trailers.</summary>
    public Task WriteSingleAsync<T>(T message, Action<T, SerializationContext> serializer)
    {
        Responses.Enter();
        WriteOptionsCore = new WriteOptions(WriteFlags.BufferHint);
        return WriteEnteredAsync(message, serializer, CancellationToken.None);
    }

    /// <summary>Writes a response. The caller entered <see cref="Responses" />.</summary>
    public async Task WriteEnteredAsync<T>(
        T message, Action<T, SerializationContext> serializer, CancellationToken cancellationToken)
    {
        try
        {
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static call => ((HttpServerCallContext)call!).Reset(Http2Cancel), this);
            cancellationToken.ThrowIfCancellationRequested();
            if (!HttpContext.Response.HasStarted)
            {
                await HttpContext.Response.StartAsync(cancellationToken).ConfigureAwait(false);
            }

            Serialize(message, serializer);
            if ((WriteOptionsCore?.Flags & WriteFlags.BufferHint) != WriteFlags.BufferHint)
            {
                await HttpContext.Response.BodyWriter.FlushAsync(cancellationToken).ConfigureAwait(false);
                CancellationTokenCore.ThrowIfCancellationRequested(); // a flush to a client that is gone does not say so
            }
        }
        finally
        {
            Responses.Exit();
        }
    }

    /// <summary>Ends the call with its status, unless the deadline did.</summary>
    /// <param name="failure">What the method threw, if anything.</param>
    public async Task EndAsync(Exception? failure)
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync().ConfigureAwait(false); // waits for a callback under way
            await _deadlineAnswer.ConfigureAwait(false);
        }

        if (failure is not null)
        {
            Describe(failure);
        }

        if (Responses.TryClose())
        {
            ResponseStatus.Write(HttpContext.Response, _status, _trailers);
        }

        _cancellation?.Dispose();
    }

    protected override async Task WriteResponseHeadersAsyncCore(Metadata responseHeaders)
    {
        ArgumentNullException.ThrowIfNull(responseHeaders);
        Responses.Enter();
        try
        {
            if (HttpContext.Response.HasStarted)
            {
                throw new InvalidOperationException("Response headers can only be sent once per call.");
            }

            foreach (Metadata.Entry entry in responseHeaders)
            {
                HttpContext.Response.Headers.Append(entry.Key, MetadataReader.Encode(entry));
            }

            await HttpContext.Response.BodyWriter.FlushAsync().ConfigureAwait(false);
        }
        finally
        {
            Responses.Exit();
        }
    }

    private void Serialize<T>(T message, Action<T, SerializationContext> serializer)
    {
        try
        {
            _messages.Write(message, serializer);
        }
        catch (Exception) when (_messages.IsBroken)
        {
            Reset(Http2InternalError); // half a message is on its way: nothing valid can follow
            throw;
        }
    }

    private Metadata ReadHeaders()
    {
        var metadata = new Metadata();
        foreach (KeyValuePair<string, StringValues> header in HttpContext.Request.Headers)
        {
            foreach (string? value in header.Value)
            {
                MetadataReader.Add(metadata, header.Key.ToLowerInvariant(), value);
            }
        }

        return metadata;
    }

    private void Describe(Exception failure)
    {
        if (failure is RpcException rpc)
        {
            GrpcServerLog.CallFailed(_logger, _method.FullName, rpc.StatusCode, rpc.Status.Detail, rpc.Status.DebugException);
            foreach (Metadata.Entry entry in rpc.Trailers)
            {
                ResponseTrailersCore.Add(entry);
            }

            _status = rpc.Status;
            return;
        }

        if (CancellationTokenCore.IsCancellationRequested && (_deadlinePassed || failure is OperationCanceledException or IOException))
        {
            GrpcServerLog.CallCancelled(_logger, _method.FullName, failure);
            _status = Status.DefaultCancelled;
            return;
        }

        GrpcServerLog.MethodThrew(_logger, _method.FullName, failure);
        string detail = _options.EnableDetailedErrors == true ? $" {failure.GetType().Name}: {failure.Message}" : "";
        _status = new Status(StatusCode.Unknown, $"Exception was thrown by handler.{detail}", failure);
    }

    private TimeSpan NextTimer()
    {
        TimeSpan left = _deadline - TimeProvider.System.GetUtcNow().UtcDateTime + TimerSlack;
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestTimer ? left : LongestTimer;
    }

    private void OnTimer()
    {
        if (TimeProvider.System.GetUtcNow().UtcDateTime < _deadline)
        {
            _timer!.Change(NextTimer(), Timeout.InfiniteTimeSpan);
            return;
        }

        GrpcServerLog.DeadlinePassed(_logger, _method.FullName);
        _deadlinePassed = true;
        if (Responses.TryClose())
        {
            _deadlineAnswer = AnswerDeadlineAsync();
        }
        else
        {
            Reset(Http2Cancel); // a write is stuck or under way: trailers cannot follow it
        }

        _ = _cancellation!.CancelAsync(); // what registered callbacks throw must not end the process
    }

    /// <summary>Tells the client even when the method goes on.</summary>
    private async Task AnswerDeadlineAsync()
    {
        try
        {
            ResponseStatus.Write(HttpContext.Response, new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"), _trailers);
            await HttpContext.Response.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception ex) when (ex is IOException or OperationCanceledException or InvalidOperationException)
        {
            GrpcServerLog.CallCancelled(_logger, _method.FullName, ex); // the client is gone
        }

        Reset(Http2Cancel);
    }

    private void Reset(int errorCode) => HttpContext.Features.GetRequiredFeature<IHttpResetFeature>().Reset(errorCode);
}
