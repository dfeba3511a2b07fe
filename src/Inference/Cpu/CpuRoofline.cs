using System.Runtime.InteropServices;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>
/// What this machine can do at most: how fast threads read memory, and how fast the backend's own kernels multiply when nothing has to come
/// from memory. Speeds of a model are stated as fractions of these (S. Williams et al., "Roofline", 2009).
/// </summary>
/// <param name="time">Clock.</param>
/// <param name="threads">Threads that work, 1 to 1024.</param>
public sealed class CpuRoofline(TimeProvider time, int threads)
{
    /// <summary>What <see cref="MeasureReadBandwidth"/> reads unless told otherwise.</summary>
    public const long ReadBytes = 1L << 30;

    private const int Samples = 5;
    private const int ProductColumns = 512;
    private const int ProductRows = 16;
    private const int PiecesPerThread = 64;
    private const int RepeatsPerPiece = 64;

    /// <summary>Bytes per second of reading memory in large pages, where the system gives them: the median of five passes.</summary>
    /// <param name="bytes">How much; 1 GiB unless told otherwise, more than the caches in any case.</param>
    /// <exception cref="OutOfMemoryException">There is not so much to read.</exception>
    public double MeasureReadBandwidth(long bytes = ReadBytes)
    {
        using var pool = new WorkerPool(threads);
        using var work = new ReadWork(bytes);
        return bytes / MedianSeconds(() => work.Go(pool));
    }

    /// <summary>
    /// Multiply-adds per second of the widest kernel of a weight type: 16 outputs, 512 inputs and 16 rows, which all lie in the caches next to
    /// each thread. The median of five passes.
    /// </summary>
    /// <param name="type">A type that the CPU backend computes with.</param>
    /// <exception cref="ArgumentException">It computes with no such weights.</exception>
    public unsafe double MeasurePeak(GgmlType type)
    {
        if (!WeightMatrix.IsSupported(type))
        {
            throw new ArgumentException($"Weights of type '{type}' are not computed on the CPU; allowed are {WeightMatrix.SupportedTypes}.", nameof(type));
        }
        byte* file = (byte*)NativeMemory.AllocZeroed((nuint)(WeightMatrix.PanelRows * type.RowBytes(ProductColumns)));
        var operands = new ProductOperands[threads];
        try
        {
            for (int i = 0; i < threads; i++)
            {
                operands[i] = new ProductOperands(WeightMatrix.Create(type, WeightMatrix.PanelRows, ProductColumns, file), ProductRows);
            }
            using var pool = new WorkerPool(threads);
            var work = new PeakWork(operands, RepeatsPerPiece);
            double products = (double)threads * PiecesPerThread * RepeatsPerPiece * WeightMatrix.PanelRows * ProductColumns * ProductRows;
            return products / MedianSeconds(() => pool.For(work, threads * PiecesPerThread, 1));
        }
        finally
        {
            Array.ForEach(operands, operand => operand?.Dispose());
            NativeMemory.Free(file);
        }
    }

    // The passes that do not count make the pages and let the compiler finish its work.
    private double MedianSeconds(Action pass)
    {
        for (int i = 0; i < Samples; i++)
        {
            pass();
        }
        var seconds = new double[Samples];
        for (int i = 0; i < Samples; i++)
        {
            long start = time.GetTimestamp();
            pass();
            seconds[i] = time.GetElapsedTime(start).TotalSeconds;
        }
        Array.Sort(seconds);
        return seconds[Samples / 2];
    }
}
