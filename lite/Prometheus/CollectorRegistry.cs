using System.Diagnostics;

namespace Prometheus;

/// <summary>Holds metrics and writes them out.</summary>
public sealed class CollectorRegistry
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, List<Collector>> _families = new(StringComparer.Ordinal);
    private readonly List<Func<CancellationToken, Task>> _beforeCollect = [];
    private Action? _beforeFirstCollect;

    /// <summary>Calls something before each collection, for values that are read rather than counted. What it throws is traced.</summary>
    public void AddBeforeCollectCallback(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        AddBeforeCollectCallback(_ =>
        {
            callback();
            return Task.CompletedTask;
        });
    }

    /// <inheritdoc cref="AddBeforeCollectCallback(Action)"/>
    public void AddBeforeCollectCallback(Func<CancellationToken, Task> callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        lock (_lock)
        {
            _beforeCollect.Add(callback);
        }
    }

    /// <summary>Writes all metrics in the Prometheus text format.</summary>
    /// <param name="to">Where; not closed.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task CollectAndExportAsTextAsync(Stream to, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        byte[] text = await CollectAsync(cancel);
        await to.WriteAsync(text, cancel);
        await to.FlushAsync(cancel);
    }

    internal async Task<byte[]> CollectAsync(CancellationToken cancel)
    {
        Interlocked.Exchange(ref _beforeFirstCollect, null)?.Invoke();
        Func<CancellationToken, Task>[] callbacks;
        lock (_lock)
        {
            callbacks = [.. _beforeCollect];
        }

        foreach (Func<CancellationToken, Task> callback in callbacks)
        {
            await RunAsync(callback, cancel);
        }

        Collector[][] families;
        lock (_lock)
        {
            families = [.. _families.Values.Select(family => family.ToArray())];
        }

        var text = new ExpositionText();
        foreach (Collector[] family in families)
        {
            text.Family(family[0]);
            foreach (Collector collector in family)
            {
                collector.Write(text);
            }
        }

        return text.ToBytes();
    }

    internal void SetBeforeFirstCollect(Action? action) => _beforeFirstCollect = action;

    internal TCollector GetOrAdd<TCollector>(string name, string[] labelNames, Func<string[], TCollector> create)
        where TCollector : Collector
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(labelNames);
        lock (_lock)
        {
            if (!_families.TryGetValue(name, out List<Collector>? family))
            {
                TCollector first = create([.. labelNames]);
                _families.Add(name, [first]);
                return first;
            }

            if (family[0] is not TCollector)
            {
                throw new InvalidOperationException("Collector of a different type with the same name is already registered.");
            }

            Collector? same = family.Find(collector => collector.LabelNames.AsSpan().SequenceEqual(labelNames));
            if (same is null)
            {
                same = create([.. labelNames]);
                family.Add(same);
            }

            return (TCollector)same;
        }
    }

    private static async Task RunAsync(Func<CancellationToken, Task> callback, CancellationToken cancel)
    {
        try
        {
            await callback(cancel);
        }
        catch (Exception e)
        {
            // One broken callback must not hide every other metric.
            Trace.TraceError($"Metrics before-collect callback failed: {e}");
        }
    }
}
