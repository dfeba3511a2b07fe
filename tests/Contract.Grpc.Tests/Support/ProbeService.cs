using Grpc.Core;
using Winnow.Grpc.Tests.V1;

namespace Winnow.Grpc.Tests.Support;

/// <summary>The probe service: plays the test's script.</summary>
public sealed class ProbeService : Probe.ProbeBase, IDisposable
{
    private readonly ProbeScript _script;

    public ProbeService(ProbeScript script)
    {
        _script = script;
        Interlocked.Increment(ref script.Instances);
    }

    public override Task<Note> Unary(Note request, ServerCallContext context) => _script.Unary(request, context);

    public override Task<Note> Collect(IAsyncStreamReader<Note> requestStream, ServerCallContext context) =>
        _script.Collect(requestStream, context);

    public override Task Spread(Note request, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        _script.Spread(request, responseStream, context);

    public override Task Chat(
        IAsyncStreamReader<Note> requestStream, IServerStreamWriter<Note> responseStream, ServerCallContext context) =>
        _script.Chat(requestStream, responseStream, context);

    public void Dispose() => Interlocked.Increment(ref _script.Disposed);
}
