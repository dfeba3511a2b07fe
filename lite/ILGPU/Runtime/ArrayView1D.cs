using System.Runtime.CompilerServices;
using ILGPU.Runtime;

namespace ILGPU.Runtime;

/// <summary>A view with one dimension. Every access checks its bounds.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">The stride; only <see cref="Stride1D.Dense"/> exists in this edition.</typeparam>
public readonly struct ArrayView1D<T, TStride> : IArrayView
    where T : unmanaged
    where TStride : struct, IStride1D
{
    /// <summary>The size of an element in bytes.</summary>
    public static readonly int ElementSize = Unsafe.SizeOf<T>();

    /// <summary>The view of nothing.</summary>
    public static readonly ArrayView1D<T, TStride> Empty;

    /// <summary>A view.</summary>
    /// <param name="baseView">The memory.</param>
    /// <param name="extent">The number of elements.</param>
    /// <param name="stride">The stride.</param>
    public ArrayView1D(ArrayView<T> baseView, LongIndex1D extent, TStride stride)
    {
        BaseView = baseView.SubView(0, extent.X);
        Stride = stride;
    }

    /// <summary>The memory.</summary>
    public ArrayView<T> BaseView { get; }

    /// <summary>The stride.</summary>
    public TStride Stride { get; }

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent => BaseView.Length;

    /// <summary>The number of elements, in 32 bits.</summary>
    public Index1D IntExtent => BaseView.IntLength;

    /// <summary>The number of elements.</summary>
    public long Length => BaseView.Length;

    /// <summary>The number of elements, in 32 bits.</summary>
    public int IntLength => BaseView.IntLength;

    /// <summary>The number of bytes.</summary>
    public long LengthInBytes => BaseView.LengthInBytes;

    /// <summary>Whether the view points at memory.</summary>
    public bool IsValid => BaseView.IsValid;

    /// <inheritdoc/>
    int IArrayView.ElementSize => ElementSize;

    /// <inheritdoc/>
    MemoryBuffer IArrayView.Buffer => BaseView.Buffer;

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[Index1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref BaseView[index.X];
    }

    /// <summary>An element.</summary>
    /// <param name="index">Its index.</param>
    public ref T this[LongIndex1D index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref BaseView[index.X];
    }

    /// <summary>A range of the elements.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="extent">The number of elements.</param>
    /// <returns>The view.</returns>
    public ArrayView1D<T, TStride> SubView(Index1D index, Index1D extent) => new(BaseView.SubView((long)index.X, extent.X), extent.X, Stride);

    /// <summary>A range of the elements.</summary>
    /// <param name="index">The first element.</param>
    /// <param name="extent">The number of elements.</param>
    /// <returns>The view.</returns>
    public ArrayView1D<T, TStride> SubView(LongIndex1D index, LongIndex1D extent) => new(BaseView.SubView(index.X, extent.X), extent, Stride);

    /// <summary>The memory without its extent.</summary>
    /// <returns>The view.</returns>
    public ArrayView<T> AsContiguous() => BaseView;

    /// <inheritdoc/>
    public override string ToString() => BaseView.ToString();
}
