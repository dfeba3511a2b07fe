namespace Winnow.GpuWorker.Kernels;

/// <summary>Threads of the group that works on one row.</summary>
internal static class RowThreads
{
    private const int Least = 32;
    private const int Most = 256;

    /// <summary>A power of two by the row's width alone: the order of a norm's sum follows from it.</summary>
    public static int For(int width)
    {
        int threads = Least;
        while (threads < Most && threads * 16 < width)
        {
            threads *= 2;
        }
        return threads;
    }
}
