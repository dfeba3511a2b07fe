using System.Runtime.CompilerServices;

namespace ILGPU.Runtime;

/// <summary>A piece of device memory with one dimension.</summary>
/// <typeparam name="T">The element type.</typeparam>
/// <typeparam name="TStride">The stride.</typeparam>
public sealed class MemoryBuffer1D<T, TStride> : MemoryBuffer<ArrayView1D<T, TStride>>
    where T : unmanaged
    where TStride : struct, IStride1D
{
    internal MemoryBuffer1D(Accelerator accelerator, long length)
        : base(accelerator, DeviceMemory.Allocate(length, Unsafe.SizeOf<T>()), length, Unsafe.SizeOf<T>())
    {
        View = new(new ArrayView<T>(this, 0, length), length, default);
    }

    /// <summary>The number of elements.</summary>
    public LongIndex1D Extent => View.Extent;

    /// <summary>The number of elements, in 32 bits.</summary>
    public Index1D IntExtent => View.IntExtent;

    /// <summary>The memory without its extent.</summary>
    /// <param name="buffer">The buffer.</param>
    public static explicit operator ArrayView<T>(MemoryBuffer1D<T, TStride> buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.AsContiguous();
    }

    /// <summary>The memory without its extent.</summary>
    /// <returns>The view.</returns>
    public ArrayView<T> AsContiguous() => View.BaseView;
}
