using System.Collections.Concurrent;

namespace ILGPU.Runtime;

/// <summary>A piece of device memory.</summary>
public abstract class MemoryBuffer : AcceleratorObject
{
    private static readonly ConcurrentDictionary<long, MemoryBuffer> Living = new();
    private static long _lastHandle;

    /// <summary>Names a piece of memory.</summary>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="address">Its first byte.</param>
    /// <param name="length">The number of elements.</param>
    /// <param name="elementSize">The size of an element in bytes.</param>
    private protected MemoryBuffer(Accelerator accelerator, nint address, long length, int elementSize)
        : base(accelerator)
    {
        NativePtr = address;
        Length = length;
        ElementSize = elementSize;
        Handle = Interlocked.Increment(ref _lastHandle);
        Living[Handle] = this;
    }

    /// <summary>The address of the first byte.</summary>
    public IntPtr NativePtr { get; private set; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The size of an element in bytes.</summary>
    public int ElementSize { get; }

    /// <summary>The number of bytes.</summary>
    public long LengthInBytes => Length * ElementSize;

    /// <summary>What views of this buffer carry instead of a reference, so that they are plain data.</summary>
    internal long Handle { get; }

    /// <summary>The memory as bytes.</summary>
    /// <returns>The view.</returns>
    public ArrayView<byte> AsRawArrayView() => new(this, 0, LengthInBytes);

    /// <summary>A range of the memory as elements of a type.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="offset">The first element.</param>
    /// <param name="length">The number of elements.</param>
    /// <returns>The view.</returns>
    public ArrayView<T> AsArrayView<T>(long offset, long length)
        where T : unmanaged
        => new(this, offset, length);

    internal static MemoryBuffer Find(long handle)
    {
        if (handle == 0)
        {
            throw new InvalidOperationException("The view points at no buffer; only kernels may use views of shared or local memory.");
        }

        return Living.TryGetValue(handle, out MemoryBuffer? buffer)
            ? buffer
            : throw new ObjectDisposedException(nameof(MemoryBuffer), "The buffer of a view is disposed; keep it until nothing uses it.");
    }

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
        Living.TryRemove(Handle, out _);
        Free();
        NativePtr = 0;
    }

    private protected abstract void Free();
}
