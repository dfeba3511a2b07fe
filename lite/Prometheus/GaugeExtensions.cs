namespace Prometheus;

/// <summary>Common uses of gauges.</summary>
public static class GaugeExtensions
{
    /// <summary>Sets the gauge to a time in seconds since 1970.</summary>
    public static void SetToTimeUtc(this IGauge gauge, DateTimeOffset timestamp)
    {
        ArgumentNullException.ThrowIfNull(gauge);
        gauge.Set((timestamp - DateTimeOffset.UnixEpoch).TotalSeconds);
    }

    /// <summary>Adds one now and takes it away when the result is disposed.</summary>
    public static IDisposable TrackInProgress(this IGauge gauge)
    {
        ArgumentNullException.ThrowIfNull(gauge);
        gauge.Inc();
        return new InProgress(gauge);
    }

    private sealed class InProgress(IGauge gauge) : IDisposable
    {
        private IGauge? _gauge = gauge;

        public void Dispose() => Interlocked.Exchange(ref _gauge, null)?.Dec();
    }
}
