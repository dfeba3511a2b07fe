namespace Prometheus;

/// <summary>Measures from its start; observes when disposed.</summary>
public interface ITimer : IDisposable
{
    /// <summary>Observes the time since the start, in seconds, and returns it.</summary>
    TimeSpan ObserveDuration();
}
