using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu;

/// <summary>Reads a large piece of memory, for <see cref="CpuRoofline"/>.</summary>
internal sealed unsafe class ReadWork : IRangeWork, IDisposable
{
    private const int PieceBytes = 1 << 20;

    private readonly NativeBuffer _memory;
    private long _sum;

    /// <summary>Makes the memory, every page of it.</summary>
    /// <param name="bytes">Whole MiB.</param>
    public ReadWork(long bytes)
    {
        _memory = new NativeBuffer(bytes, hugePages: true);
        NativeMemory.Fill(_memory.Pointer, (nuint)bytes, 1);
    }

    /// <summary>Reads all of it once.</summary>
    public void Go(WorkerPool pool) => pool.For(this, (int)(_memory.Bytes / PieceBytes), 1);

    /// <inheritdoc/>
    public void Run(int start, int end, int worker) =>
        Interlocked.Add(ref _sum, Fold((Vector<long>*)(_memory.Pointer + ((long)start * PieceBytes)), (long)(end - start) * PieceBytes / sizeof(Vector<long>)));

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Fold(Vector<long>* memory, long count)
    {
        Vector<long> a = Vector<long>.Zero;
        Vector<long> b = a;
        Vector<long> c = a;
        Vector<long> d = a;
        for (long i = 0; i < count; i += 4)
        {
            a ^= memory[i];
            b ^= memory[i + 1];
            c ^= memory[i + 2];
            d ^= memory[i + 3];
        }
        return Vector.Sum(a ^ b ^ c ^ d);
    }
}
