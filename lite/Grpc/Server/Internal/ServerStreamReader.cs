using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>The requests of a call, as a stream.</summary>
internal sealed class ServerStreamReader<TRequest>(PipeMessageReader<TRequest> messages) : IAsyncStreamReader<TRequest>
    where TRequest : class
{
    private readonly CallGate _gate = new(
        "Can't read the next message because the previous read is still in progress.",
        "Can't read messages after the request is complete.");

    private Task<bool> _last = Task.FromResult(false);
    private TRequest? _current;

    public TRequest Current => _current
        ?? throw new InvalidOperationException("There is no current message; call 'MoveNext' first and stop when it returns false.");

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled<bool>(cancellationToken);
        }

        try
        {
            _gate.Enter();
        }
        catch (InvalidOperationException ex)
        {
            return Task.FromException<bool>(ex);
        }

        return _last = ReadAsync(cancellationToken);
    }

    /// <summary>Ends a read that is under way and refuses further ones.</summary>
    public async Task CloseAsync()
    {
        while (!_gate.TryClose())
        {
            messages.Cancel();
            await ((Task)_last).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            _current = null;
            _current = await messages.ReadAsync(cancellationToken).ConfigureAwait(false);
            return _current is not null;
        }
        finally
        {
            _gate.Exit();
        }
    }
}
