using System.Runtime.ExceptionServices;

namespace Winnow.GpuWorker.Devices;

/// <summary>Cuts work on rows into neighbouring parts, one for each of a few threads.</summary>
/// <param name="threads">Threads, at least 1; more than <see cref="Most"/> are not used, since the memory's bandwidth is spent by then.</param>
internal sealed class PackThreads(int threads)
{
    /// <summary>Threads that are used at most.</summary>
    public const int Most = 8;

    /// <summary>Threads that are used.</summary>
    public int Count { get; } = Math.Clamp(threads, 1, Most);

    /// <summary>Runs all parts and waits for them; what the first of them throws is thrown.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="part">A part: its index below <see cref="Count"/>, its first row, its rows.</param>
    public void Run(long rows, Action<int, long, long> part)
    {
        int parts = (int)Math.Min(Count, rows);
        if (parts <= 1)
        {
            part(0, 0, rows);
            return;
        }
        try
        {
            Parallel.For(0, parts, new ParallelOptions { MaxDegreeOfParallelism = parts }, i => part(i, rows * i / parts, (rows * (i + 1) / parts) - (rows * i / parts)));
        }
        catch (AggregateException exception)
        {
            ExceptionDispatchInfo.Throw(exception.InnerExceptions[0]);
        }
    }
}
