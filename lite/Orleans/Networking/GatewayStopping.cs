namespace Orleans.Networking;

/// <summary>Tells the clients' streams that the silo stops.</summary>
internal sealed class GatewayStopping : IDisposable
{
    private readonly CancellationTokenSource _source = new();

    internal CancellationToken Token => _source.Token;

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    internal void Stop() => _source.Cancel();
}
