using System.Collections.Concurrent;
using System.Net;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Orleans.Configuration;
using Orleans.Invocation;
using Orleans.Networking;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Serialization;

namespace Orleans.Client;

/// <summary>A client's stream to one gateway. When it ends, its calls end with <see cref="SiloUnavailableException"/>.</summary>
internal sealed class GatewayConnection : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ulong, (PendingCall Call, GrainMethod Method)> _calls = new();
    private readonly Channel<ToSilo> _outbox = Channel.CreateUnbounded<ToSilo>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource _end = new();
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<ToSilo, ToClient> _stream;
    private readonly TimeProvider _time;
    private readonly int _maxMessageBytes;
    private Task _loops = Task.CompletedTask;
    private ulong _lastId;

    private GatewayConnection(Uri address, int maxMessageBytes, TimeProvider time)
    {
        _time = time;
        _maxMessageBytes = maxMessageBytes + GatewayProtocol.MessageOverheadBytes;
        _channel = GrpcChannel.ForAddress(address, new GrpcChannelOptions
        {
            MaxReceiveMessageSize = _maxMessageBytes,
            HttpHandler = new SocketsHttpHandler
            {
                UseProxy = false,
                KeepAlivePingDelay = GatewayProtocol.PingInterval,
                KeepAlivePingTimeout = GatewayProtocol.PingInterval,
            },
        });
        _stream = new Gateway.GatewayClient(_channel).Connect(new CallOptions(cancellationToken: _end.Token));
    }

    /// <summary>The classes of the silo.</summary>
    internal GrainManifest Manifest { get; private set; } = new([]);

    /// <summary>Whether calls can be sent.</summary>
    internal bool IsOpen => !_end.IsCancellationRequested;

    /// <summary>Connects and greets.</summary>
    /// <exception cref="ConnectionFailedException">The gateway does not answer, or refuses.</exception>
    internal static async Task<GatewayConnection> OpenAsync(
        IPEndPoint gateway, ClusterOptions cluster, int maxMessageBytes, TimeProvider time, CancellationToken token)
    {
        var connection = new GatewayConnection(new Uri($"http://{gateway}"), maxMessageBytes, time);
        try
        {
            await connection.GreetAsync(cluster, token);
            connection._loops = Task.WhenAll(connection.ReadAsync(), connection.WriteAsync());
            return connection;
        }
        catch (Exception e) when (e is RpcException or IOException or TimeoutException or OperationCanceledException)
        {
            await connection.DisposeAsync();
            token.ThrowIfCancellationRequested();
            throw new ConnectionFailedException($"Unable to connect to gateway '{gateway}': {(e as RpcException)?.Status.Detail ?? e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        End("The local Orleans host is shutting down and can no longer process the request.");
        await _loops;
        _stream.Dispose();
        _channel.Dispose();
    }

    internal Task<object?> Call(GrainId grainId, GrainInterface grainInterface, GrainMethod method, object?[] arguments, CallRules rules)
    {
        CancellationToken token = method.TokenOf(arguments);
        token.ThrowIfCancellationRequested();
        ulong id = Interlocked.Increment(ref _lastId);
        var message = new Call
        {
            Id = id,
            GrainType = grainId.Type.ToString(),
            Key = grainId.Key.ToString(),
            InterfaceName = grainInterface.Type.FullName,
            Method = method.Key,
            Arguments = UnsafeByteOperations.UnsafeWrap(method.WriteArguments(arguments)),
            TimeoutTicks = rules.Timeout == Timeout.InfiniteTimeSpan ? -1 : rules.Timeout.Ticks,
            CancelOnTimeout = rules.CancelOnTimeout,
            WaitForCancellation = rules.WaitForCancellation,
        };
        int size = message.CalculateSize();
        if (size > _maxMessageBytes)
        {
            throw GatewayProtocol.TooLarge($"The call of '{method.Key}'", size, _maxMessageBytes);
        }

        var call = new PendingCall();
        _calls[id] = (call, method);
        call.Start(
            _time, rules, $"Request [{grainId}]{grainInterface.Type}.{method.Key}", token, () => _outbox.Writer.TryWrite(new ToSilo { Cancel = id }));
        if (!_outbox.Writer.TryWrite(new ToSilo { Call = message }))
        {
            call.Fail(Lost("The connection to the gateway has ended."));
        }

        call.Answer.ContinueWith(
            (_, _) => _calls.TryRemove(id, out (PendingCall, GrainMethod) _),
            null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return call.Answer;
    }

    private static SiloUnavailableException Lost(string reason) => new(reason);

    private async Task GreetAsync(ClusterOptions cluster, CancellationToken token)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5), _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(token, timeout.Token);
        await _stream.RequestStream.WriteAsync(
            new ToSilo { Hello = new Hello { Version = GatewayProtocol.Version, ClusterId = cluster.ClusterId, ServiceId = cluster.ServiceId } },
            either.Token);
        if (!await _stream.ResponseStream.MoveNext(either.Token) || _stream.ResponseStream.Current.Welcome is not { } welcome)
        {
            throw new IOException("the gateway did not answer the greeting");
        }

        Manifest = new GrainManifest([.. welcome.Implementations.Select(implementation =>
            new GrainManifest.Implementation(implementation.InterfaceName, implementation.GrainType, implementation.ClassName))]);
    }

    private async Task ReadAsync()
    {
        string reason = "The target silo became unavailable: the gateway closed the connection.";
        try
        {
            while (await _stream.ResponseStream.MoveNext(_end.Token))
            {
                if (_stream.ResponseStream.Current.Answer is { } answer && _calls.TryGetValue(answer.Id, out (PendingCall Call, GrainMethod Method) pending))
                {
                    Complete(pending.Call, pending.Method, answer);
                }
            }
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException)
        {
            reason = $"The target silo became unavailable: {(e as RpcException)?.Status.Detail ?? e.Message}";
        }

        End(reason);
    }

    private static void Complete(PendingCall call, GrainMethod method, Answer answer)
    {
        try
        {
            if (answer.OutcomeCase is Answer.OutcomeOneofCase.Error)
            {
                call.Fail(Payload.Read<ExceptionRecord>(answer.Error.Span).ToException());
            }
            else
            {
                call.Complete(method.ReadResult(answer.Result.Span));
            }
        }
        catch (Exception e)
        {
            // An answer that can not be read is the answer to its own call only.
            call.Fail(e);
        }
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (ToSilo message in _outbox.Reader.ReadAllAsync(_end.Token))
            {
                await _stream.RequestStream.WriteAsync(message, _end.Token);
            }
        }
        catch (Exception e) when (e is RpcException or IOException or OperationCanceledException or InvalidOperationException)
        {
            End($"The target silo became unavailable: {(e as RpcException)?.Status.Detail ?? e.Message}");
        }
    }

    private void End(string reason)
    {
        _outbox.Writer.TryComplete();
        _end.Cancel();
        foreach ((PendingCall call, GrainMethod _) in _calls.Values)
        {
            call.Fail(Lost(reason));
        }
    }
}
