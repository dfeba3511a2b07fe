using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu;

/// <summary>Zeroed memory outside the garbage collector's heap, aligned to a cache line. Pages that are never touched cost nothing.</summary>
internal sealed unsafe class NativeBuffer : IDisposable
{
    private const int Alignment = 64;

    [ThreadStatic]
    private static long _allocatedBytes;

    private void* _raw;

    /// <summary>Allocates.</summary>
    /// <param name="bytes">Size, 0 or more.</param>
    /// <exception cref="OutOfMemoryException">There is not that much memory.</exception>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = bytes;
        _allocatedBytes += bytes;
        _raw = NativeMemory.AllocZeroed((nuint)bytes + Alignment);
        Pointer = (byte*)(((nuint)_raw + (Alignment - 1)) & ~(nuint)(Alignment - 1));
    }

    /// <summary>Returns the memory of a buffer that nobody disposed.</summary>
    ~NativeBuffer() => Free();

    /// <summary>Bytes that this thread has ever allocated, as <see cref="GC.GetAllocatedBytesForCurrentThread"/> counts managed ones.</summary>
    public static long AllocatedBytesForCurrentThread => _allocatedBytes;

    /// <summary>First byte.</summary>
    public byte* Pointer { get; private set; }

    /// <summary>Usable size.</summary>
    public long Bytes { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        Free();
        GC.SuppressFinalize(this);
    }

    private void Free()
    {
        NativeMemory.Free(_raw);
        _raw = null;
        Pointer = null;
    }
}
