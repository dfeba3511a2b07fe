using System.Runtime.CompilerServices;
using ILGPU.Execution;

namespace ILGPU.Runtime;

/// <summary>
/// Copies between host and device, fills, and other things that hosts do with views and buffers. In this edition everything is done when the call
/// returns.
/// </summary>
public static unsafe class ArrayViewExtensions
{
    /// <summary>Fills with zero bytes.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The target.</param>
    public static void MemSetToZero<TView>(this TView view)
        where TView : IContiguousArrayView
        => view.MemSet(0);

    /// <summary>Fills with zero bytes.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="stream">The stream.</param>
    public static void MemSetToZero<TView>(this TView view, AcceleratorStream stream)
        where TView : IContiguousArrayView
        => view.MemSet(stream, 0);

    /// <summary>Fills with a byte.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="value">The byte.</param>
    public static void MemSet<TView>(this TView view, byte value)
        where TView : IContiguousArrayView
        => HostCopy.Fill(HostCopy.Bytes(view), value);

    /// <summary>Fills with a byte.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="value">The byte.</param>
    public static void MemSet<TView>(this TView view, AcceleratorStream stream, byte value)
        where TView : IContiguousArrayView
    {
        HostCopy.Check(stream);
        view.MemSet(value);
    }

    /// <summary>Copies to another view, which may be longer.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="target">The target.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is shorter.</exception>
    public static void CopyTo<TView>(this TView source, in TView target)
        where TView : IContiguousArrayView
        => HostCopy.Copy(HostCopy.Bytes(source), HostCopy.Bytes(target));

    /// <summary>Copies to another view, which may be longer.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="target">The target.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is shorter.</exception>
    public static void CopyTo<TView>(this TView source, AcceleratorStream stream, in TView target)
        where TView : IContiguousArrayView
    {
        HostCopy.Check(stream);
        source.CopyTo(target);
    }

    /// <summary>Copies from another view, which may be shorter.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="target">The target.</param>
    /// <param name="source">The source.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is shorter.</exception>
    public static void CopyFrom<TView>(this TView target, in TView source)
        where TView : IContiguousArrayView
        => HostCopy.Copy(HostCopy.Bytes(source), HostCopy.Bytes(target));

    /// <summary>Copies from another view, which may be shorter.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="target">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="source">The source.</param>
    /// <exception cref="ArgumentOutOfRangeException">The target is shorter.</exception>
    public static void CopyFrom<TView>(this TView target, AcceleratorStream stream, in TView source)
        where TView : IContiguousArrayView
    {
        HostCopy.Check(stream);
        target.CopyFrom(source);
    }

    /// <summary>Copies to the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">The view is shorter.</exception>
    public static void CopyToCPU<T, TView>(this TView source, in Span<T> span)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
        => HostCopy.ToHost(HostCopy.Bytes(source), span);

    /// <summary>Copies to the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">The view is shorter.</exception>
    public static void CopyToCPU<T, TView>(this TView source, AcceleratorStream stream, in Span<T> span)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
    {
        HostCopy.Check(stream);
        source.CopyToCPU(span);
    }

    /// <summary>Copies from the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">The view is shorter.</exception>
    public static void CopyFromCPU<T, TView>(this TView target, in ReadOnlySpan<T> span)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
        => HostCopy.FromHost(HostCopy.Bytes(target), span);

    /// <summary>Copies from the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    /// <exception cref="ArgumentOutOfRangeException">The view is shorter.</exception>
    public static void CopyFromCPU<T, TView>(this TView target, AcceleratorStream stream, in ReadOnlySpan<T> span)
        where TView : IContiguousArrayView<T>
        where T : unmanaged
    {
        HostCopy.Check(stream);
        target.CopyFromCPU(span);
    }

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray<T>(this ArrayView<T> view)
        where T : unmanaged
    {
        T[] result = new T[view.Length];
        view.CopyToCPU(result.AsSpan());
        return result;
    }

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray<T>(this ArrayView<T> view, AcceleratorStream stream)
        where T : unmanaged
    {
        HostCopy.Check(stream);
        return view.GetAsArray();
    }

    /// <summary>Allocates memory and copies an array to it.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="accelerator">The accelerator.</param>
    /// <param name="data">The array.</param>
    /// <returns>The buffer.</returns>
    public static MemoryBuffer1D<T, Stride1D.Dense> Allocate1D<T>(this Accelerator accelerator, T[] data)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        ArgumentNullException.ThrowIfNull(data);
        MemoryBuffer1D<T, Stride1D.Dense> buffer = accelerator.Allocate1D<T>(data.Length);
        buffer.View.CopyFromCPU(data);
        return buffer;
    }

    /// <summary>Whether a view has elements.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>Whether it has.</returns>
    public static bool HasData<TView>(this TView view)
        where TView : IArrayView
        => view.IsValid && view.Length > 0;

    /// <summary>The accelerator that a view belongs to.</summary>
    /// <typeparam name="TView">The view.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>The accelerator.</returns>
    public static Accelerator GetAccelerator<TView>(this TView view)
        where TView : IArrayView
        => view.Buffer.Accelerator;

    /// <summary>A view whose start is known to be aligned.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="alignmentInBytes">The alignment.</param>
    /// <returns>The view.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<T> AsAligned<T>(this ArrayView<T> view, int alignmentInBytes)
        where T : unmanaged
    {
        if ((nint)view.Start % alignmentInBytes != 0)
        {
            ViewFaults.Misaligned(typeof(T), alignmentInBytes);
        }

        return view;
    }

    /// <summary>The address of a view's memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>The address.</returns>
    public static IntPtr LoadEffectiveAddressAsPtr<T>(this ArrayView<T> view)
        where T : unmanaged
        => (nint)view.Start;
}
