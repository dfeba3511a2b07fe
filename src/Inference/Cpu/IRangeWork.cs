namespace Winnow.Inference.Cpu;

/// <summary>Work on independent items that a <see cref="WorkerPool"/> may cut anywhere.</summary>
internal interface IRangeWork
{
    /// <summary>Does items from <paramref name="start"/> to before <paramref name="end"/>.</summary>
    /// <param name="start">First item.</param>
    /// <param name="end">Item after the last.</param>
    /// <param name="worker">0 for the caller, then 1 to threads - 1; for scratch that threads do not share.</param>
    void Run(int start, int end, int worker);
}
