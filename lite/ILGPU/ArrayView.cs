using System.Runtime.CompilerServices;
using ILGPU.Execution;
using ILGPU.Runtime;

namespace ILGPU;

/// <summary>
/// A range of elements in device memory, in a group's shared memory or in a lane's local memory. Every access checks its bounds.
/// </summary>
/// <typeparam name="T">The element type.</typeparam>
public readonly unsafe struct ArrayView<T> : IContiguousArrayView<T>
    where T : unmanaged
{
    /// <summary>The size of an element in bytes.</summary>
    public static readonly int ElementSize = Unsafe.SizeOf<T>();

    /// <summary>The view of nothing.</summary>
    public static readonly ArrayView<T> Empty;

    private readonly T* _start;
    private readonly long _length;
    private readonly long _owner;

    /// <summary>A view of a part of a buffer.</summary>
    /// <param name="source">The buffer.</param>
    /// <param name="index">The first element, in elements of this view.</param>
    /// <param name="length">The number of elements.</param>
    /// <exception cref="ArgumentOutOfRangeException">The range is not in the buffer.</exception>
    public ArrayView(MemoryBuffer source, long index, long length)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (index < 0 || length < 0 || length > (source.LengthInBytes / sizeof(T)) - index)
        {
            throw new ArgumentOutOfRangeException(nameof(length),
                $"A view of '{length}' elements of {sizeof(T)} bytes from '{index}' does not fit a buffer of {source.LengthInBytes} bytes; take a smaller range.");
        }

        _start = (T*)source.NativePtr + index;
        _length = length;
        _owner = source.Handle;
    }

    internal ArrayView(T* start, long length, long owner)
    {
        _start = start;
        _length = length;
        _owner = owner;
    }

    /// <summary>The number of elements.</summary>
    public long Length => _length;

    /// <summary>The number of elements, in 32 bits.</summary>
    public int IntLength => checked((int)_length);

    /// <summary>The number of bytes.</summary>
    public long LengthInBytes => _length * sizeof(T);

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent => _length;

    /// <summary>The number of elements, in 32 bits.</summary>
    public Index1D IntExtent => IntLength;

    /// <summary>Whether the view points at memory.</summary>
    public bool IsValid => _start != null;

    /// <inheritdoc/>
    int IArrayView.ElementSize => sizeof(T);

    /// <inheritdoc/>
    MemoryBuffer IArrayView.Buffer => Buffer;

    /// <inheritdoc/>
    long IContiguousArrayView.Index => IndexInBytes / sizeof(T);

    /// <inheritdoc/>
    long IContiguousArrayView.IndexInBytes => IndexInBytes;

    internal MemoryBuffer Buffer => MemoryBuffer.Find(_owner);

    internal long IndexInBytes => (byte*)_start - (byte*)Buffer.NativePtr;

    internal T* Start => _start;

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[Index1D index] => ref this[index.X];

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[LongIndex1D index] => ref this[index.X];

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_length)
            {
                ViewFaults.OutOfRange(index, _length, typeof(T));
            }

            return ref _start[index];
        }
    }

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[long index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((ulong)index >= (ulong)_length)
            {
                ViewFaults.OutOfRange(index, _length, typeof(T));
            }

            return ref _start[index];
        }
    }

    /// <summary>The same memory as a view with one dimension.</summary>
    /// <param name="view">The view.</param>
    public static implicit operator ArrayView1D<T, Stride1D.Dense>(ArrayView<T> view) => new(view, view._length, default);

    /// <summary>The same memory without its extent.</summary>
    /// <param name="view">The view.</param>
    public static implicit operator ArrayView<T>(ArrayView1D<T, Stride1D.Dense> view) => view.BaseView;

    /// <summary>The elements from an index on.</summary>
    /// <param name="index">The first element.</param>
    /// <returns>The view.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<T> SubView(long index) => SubView(index, _length - index);

    /// <summary>A range of the elements.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="subViewLength">The number of elements.</param>
    /// <returns>The view.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<T> SubView(int index, int subViewLength) => SubView((long)index, subViewLength);

    /// <summary>A range of the elements.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="subViewLength">The number of elements.</param>
    /// <returns>The view.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<T> SubView(long index, long subViewLength)
    {
        if (index < 0 || subViewLength < 0 || index > _length - subViewLength)
        {
            ViewFaults.SubViewOutOfRange(index, subViewLength, _length);
        }

        return new(_start + index, subViewLength, _owner);
    }

    /// <summary>The same memory as elements of another type; a rest that fills no element is left out.</summary>
    /// <typeparam name="TOther">The other element type.</typeparam>
    /// <returns>The view.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ArrayView<TOther> Cast<TOther>()
        where TOther : unmanaged
    {
        if (((nint)_start & (Alignment.Of<TOther>() - 1)) != 0)
        {
            ViewFaults.Misaligned(typeof(TOther), Alignment.Of<TOther>());
        }

        return new((TOther*)_start, _length * sizeof(T) / sizeof(TOther), _owner);
    }

    /// <inheritdoc/>
    ArrayView<byte> IContiguousArrayView.AsRawArrayView() => new((byte*)_start, LengthInBytes, _owner);

    /// <inheritdoc/>
    public override string ToString() => $"{typeof(T).Name}[{_length}]";

    internal void CheckOwner(Accelerator accelerator)
    {
        if (_owner == 0)
        {
            return;
        }

        MemoryBuffer buffer = Buffer;
        if (buffer.Accelerator != accelerator && buffer is not HostBuffer)
        {
            throw new ArgumentException($"A view of '{typeof(T).Name}[{_length}]' belongs to another accelerator; copy it to this one first.");
        }
    }
}
