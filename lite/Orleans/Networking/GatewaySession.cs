using System.Collections.Concurrent;
using System.Threading.Channels;
using Google.Protobuf;
using Grpc.Core;
using Orleans.Invocation;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Orleans.Networking;

/// <summary>One client's calls. A call that can not be read is answered with an error and does not end the stream.</summary>
internal sealed class GatewaySession(
    LocalCaller caller, GrainClassMap classes, int maxAnswerBytes, IAsyncStreamReader<ToSilo> requests, IServerStreamWriter<ToClient> answers)
{
    private readonly ConcurrentDictionary<ulong, RunningCall> _calls = new();
    private readonly Channel<ToClient> _outbox = Channel.CreateUnbounded<ToClient>(new UnboundedChannelOptions { SingleReader = true });

    /// <summary>Serves until the client ends its stream, the connection breaks or the silo stops.</summary>
    /// <param name="end">Ends reading.</param>
    /// <param name="broken">The connection is gone: ends writing too. Until then answers that are ready are still sent.</param>
    internal async Task RunAsync(CancellationToken end, CancellationToken broken)
    {
        Task writing = WriteAsync(broken);
        try
        {
            while (await requests.MoveNext(end))
            {
                Handle(requests.Current);
            }
        }
        finally
        {
            await Task.WhenAll(_calls.Values.Where(call => call.Pending.IsOver).Select(call => call.Answering));
            _outbox.Writer.TryComplete();
            await writing;
        }
    }

    private async Task WriteAsync(CancellationToken token)
    {
        try
        {
            await foreach (ToClient message in _outbox.Reader.ReadAllAsync(token))
            {
                await answers.WriteAsync(message, token);
            }
        }
        catch (Exception e) when (token.IsCancellationRequested && e is OperationCanceledException or RpcException or InvalidOperationException)
        {
            // The stream has ended; answers that were not sent have no reader any more.
        }
    }

    private void Handle(ToSilo message)
    {
        switch (message.KindCase)
        {
            case ToSilo.KindOneofCase.Call:
                Start(message.Call);
                break;
            case ToSilo.KindOneofCase.Cancel when _calls.TryGetValue(message.Cancel, out RunningCall? call):
                call.Source.Cancel();
                break;
            case ToSilo.KindOneofCase.Cancel:
                break;
            default:
                throw new SerializerException($"A client sent '{message.KindCase}' after its hello; allowed are calls and cancellations.");
        }
    }

    private void Start(Call call)
    {
        try
        {
            GrainInterface grainInterface = classes.Interface(call.InterfaceName) ?? throw new OrleansMessageRejectionException(
                $"Could not find an implementation for interface {call.InterfaceName}");
            GrainMethod method = grainInterface.Method(call.Method) ?? throw new OrleansMessageRejectionException(
                $"Interface '{call.InterfaceName}' has no method '{call.Method}' here; the client's version is another one.");
            var grainId = GrainId.Create(GrainType.Create(call.GrainType), call.Key);
            if (classes.Find(grainId.Type)?.Interfaces.Contains(grainInterface.Type) != true)
            {
                throw new OrleansMessageRejectionException($"Grain type '{call.GrainType}' does not implement interface {call.InterfaceName}");
            }

            object?[] values = method.ReadArguments(call.Arguments.Span);
            TimeSpan timeout = call.TimeoutTicks < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(call.TimeoutTicks);
            var rules = new CallRules(timeout, call.CancelOnTimeout, call.WaitForCancellation);
            if (_calls.ContainsKey(call.Id))
            {
                throw new SerializerException($"Call id '{call.Id}' is used by a call that is still running; give each call its own.");
            }

            var source = new CancellationTokenSource();
            PendingCall pending = caller.Send(grainId, method, values, method.WriteResult, rules, source.Token);
            var running = new RunningCall(source, pending, AnswerAsync(call.Id, pending.Answer));
            _calls[call.Id] = running;
            if (running.Answering.IsCompleted)
            {
                _calls.TryRemove(call.Id, out _);
            }
        }
        catch (Exception e)
        {
            Answer(call.Id, e);
        }
    }

    private async Task AnswerAsync(ulong id, Task<object?> answer)
    {
        try
        {
            byte[] result = (byte[])(await answer)!;
            if (result.Length > maxAnswerBytes)
            {
                throw GatewayProtocol.TooLarge("The answer", result.Length, maxAnswerBytes);
            }

            _outbox.Writer.TryWrite(new ToClient { Answer = new Answer { Id = id, Result = UnsafeByteOperations.UnsafeWrap(result) } });
        }
        catch (Exception e)
        {
            Answer(id, e);
        }
        finally
        {
            _calls.TryRemove(id, out _);
        }
    }

    private void Answer(ulong id, Exception exception)
    {
        ByteString error = UnsafeByteOperations.UnsafeWrap(Payload.Write(ExceptionRecord.Of(exception)));
        _outbox.Writer.TryWrite(new ToClient { Answer = new Answer { Id = id, Error = error } });
    }

    private sealed record RunningCall(CancellationTokenSource Source, PendingCall Pending, Task Answering);
}
