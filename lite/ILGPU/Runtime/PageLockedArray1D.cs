using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ILGPU.Runtime;

/// <summary>Pinned host memory, which devices copy from and to without the processor's help.</summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed unsafe class PageLockedArray1D<T> : IDisposable
    where T : unmanaged
{
    private readonly T[] _array;
    private readonly HostBuffer _buffer;

    internal PageLockedArray1D(Accelerator accelerator, long extent, bool uninitialized)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(extent);
        _array = uninitialized ? GC.AllocateUninitializedArray<T>(checked((int)extent), pinned: true) : GC.AllocateArray<T>(checked((int)extent), pinned: true);
        _buffer = new(accelerator, _array, (nint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array)), sizeof(T));
        ArrayView = new(_buffer, 0, extent);
    }

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent => _array.LongLength;

    /// <summary>The number of elements.</summary>
    public long Length => _array.LongLength;

    /// <summary>The elements.</summary>
    public Span<T> Span => _array;

    /// <summary>The elements as kernels and copies see them.</summary>
    public ArrayView<T> ArrayView { get; }

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[int index] => ref _array[index];

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[long index] => ref _array[index];

    /// <summary>The elements.</summary>
    /// <returns>The array, not a copy.</returns>
    public T[] GetArray() => _array;

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();
}
