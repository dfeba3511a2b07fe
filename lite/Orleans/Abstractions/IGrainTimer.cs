namespace Orleans.Runtime;

/// <summary>A grain's timer. Disposing it stops it.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Sets new times.</summary>
    /// <param name="dueTime">Time to the next tick; <see cref="Timeout.InfiniteTimeSpan"/> to pause.</param>
    /// <param name="period">Time from the end of one tick to the next; <see cref="Timeout.InfiniteTimeSpan"/> for a single tick.</param>
    void Change(TimeSpan dueTime, TimeSpan period);
}
