using System.Diagnostics;

namespace Prometheus;

/// <summary>Timers for metrics.</summary>
public static class TimerExtensions
{
    /// <summary>Starts a timer that observes seconds.</summary>
    public static ITimer NewTimer(this IObserver observer)
    {
        ArgumentNullException.ThrowIfNull(observer);
        return new StopwatchTimer(observer.Observe);
    }

    /// <summary>Starts a timer that sets the gauge to seconds.</summary>
    public static ITimer NewTimer(this IGauge gauge)
    {
        ArgumentNullException.ThrowIfNull(gauge);
        return new StopwatchTimer(gauge.Set);
    }

    private sealed class StopwatchTimer(Action<double> observe) : ITimer
    {
        private readonly long _start = Stopwatch.GetTimestamp();

        public TimeSpan ObserveDuration()
        {
            TimeSpan elapsed = Stopwatch.GetElapsedTime(_start);
            observe(elapsed.TotalSeconds);
            return elapsed;
        }

        public void Dispose() => ObserveDuration();
    }
}
