using System.Collections.Concurrent;

namespace Winnow.Cli.Links;

/// <summary>The links of one cluster: a proxy before each worker, all on one set of timers.</summary>
/// <param name="options">What every link is like.</param>
internal sealed class LinkSet(LinkOptions options) : IAsyncDisposable
{
    private readonly PreciseTime _time = new();
    private readonly ConcurrentQueue<LinkProxy> _proxies = new();

    /// <summary>Opens a proxy; its address is what the worker behind it announces.</summary>
    public LinkProxy Open()
    {
        var proxy = new LinkProxy(options with { Seed = unchecked(options.Seed + (1009 * _proxies.Count)) }, _time);
        _proxies.Enqueue(proxy);
        return proxy;
    }

    /// <summary>Cuts every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (LinkProxy proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
        _time.Dispose();
    }
}
