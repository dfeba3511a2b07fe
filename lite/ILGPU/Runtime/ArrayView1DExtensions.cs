namespace ILGPU.Runtime;

/// <summary>What hosts do with views of one dimension. In this edition everything is done when the call returns.</summary>
public static class ArrayView1DExtensions
{
    /// <summary>The same memory as elements of another type.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <typeparam name="TOther">The other element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>The view.</returns>
    public static ArrayView1D<TOther, Stride1D.Dense> Cast<T, TOther>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged
        where TOther : unmanaged
        => view.BaseView.Cast<TOther>();

    /// <summary>Fills with zero bytes.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    public static void MemSetToZero<T>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged
        => view.BaseView.MemSetToZero();

    /// <summary>Fills with a byte.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="value">The byte.</param>
    public static void MemSet<T>(this ArrayView1D<T, Stride1D.Dense> view, byte value)
        where T : unmanaged
        => view.BaseView.MemSet(value);

    /// <summary>Copies to another view, which may be longer.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="target">The target.</param>
    public static void CopyTo<T>(this ArrayView1D<T, Stride1D.Dense> source, ArrayView1D<T, Stride1D.Dense> target)
        where T : unmanaged
        => source.BaseView.CopyTo(target.BaseView);

    /// <summary>Copies from another view, which may be shorter.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target.</param>
    /// <param name="source">The source.</param>
    public static void CopyFrom<T>(this ArrayView1D<T, Stride1D.Dense> target, in ArrayView1D<T, Stride1D.Dense> source)
        where T : unmanaged
        => target.BaseView.CopyFrom(source.BaseView);

    /// <summary>Copies to an array of at least the view's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The source.</param>
    /// <param name="data">The array.</param>
    public static void CopyToCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, T[] data)
        where T : unmanaged
        => HostCopy.ToArray(view, null, data);

    /// <summary>Copies to an array of at least the buffer's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The source.</param>
    /// <param name="data">The array.</param>
    public static void CopyToCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, T[] data)
        where T : unmanaged
        => buffer.View.CopyToCPU(data);

    /// <summary>Copies to pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="pageLockScope">The host's memory.</param>
    public static void CopyToPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> source, PageLockScope<T> pageLockScope)
        where T : unmanaged
        => source.BaseView.CopyToCPU(pageLockScope.Span);

    /// <summary>Copies to pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="pageLockedArray">The host's memory.</param>
    public static void CopyToPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> source, PageLockedArray1D<T> pageLockedArray)
        where T : unmanaged
        => source.CopyToCPU(pageLockedArray.GetArray());

    /// <summary>Copies from an array of at least the view's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="data">The array.</param>
    public static void CopyFromCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, T[] data)
        where T : unmanaged
        => HostCopy.FromArray(view, null, data);

    /// <summary>Copies from an array of at least the buffer's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The target.</param>
    /// <param name="data">The array.</param>
    public static void CopyFromCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, T[] data)
        where T : unmanaged
        => buffer.View.CopyFromCPU(data);

    /// <summary>Copies from pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="pageLockScope">The host's memory.</param>
    public static void CopyFromPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> target, PageLockScope<T> pageLockScope)
        where T : unmanaged
        => target.BaseView.CopyFromCPU((ReadOnlySpan<T>)pageLockScope.Span);

    /// <summary>Copies from pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="pageLockedArray">The host's memory.</param>
    public static void CopyFromPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> target, PageLockedArray1D<T> pageLockedArray)
        where T : unmanaged
        => target.CopyFromCPU(pageLockedArray.GetArray());

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray1D<T>(this ArrayView1D<T, Stride1D.Dense> view)
        where T : unmanaged
        => view.BaseView.GetAsArray();

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The buffer.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray1D<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer)
        where T : unmanaged
        => buffer.View.BaseView.GetAsArray();

    /// <summary>Fills with zero bytes.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="stream">The stream.</param>
    public static void MemSetToZero<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream)
        where T : unmanaged
        => view.BaseView.MemSetToZero(stream);

    /// <summary>Fills with a byte.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="value">The byte.</param>
    public static void MemSet<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream, byte value)
        where T : unmanaged
        => view.BaseView.MemSet(stream, value);

    /// <summary>Copies to another view, which may be longer.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="target">The target.</param>
    public static void CopyTo<T>(this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, in ArrayView1D<T, Stride1D.Dense> target)
        where T : unmanaged
        => source.BaseView.CopyTo(stream, target.BaseView);

    /// <summary>Copies from another view, which may be shorter.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="source">The source.</param>
    public static void CopyFrom<T>(this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, in ArrayView1D<T, Stride1D.Dense> source)
        where T : unmanaged
        => target.BaseView.CopyFrom(stream, source.BaseView);

    /// <summary>Copies to an array of at least the view's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The source.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="data">The array.</param>
    public static void CopyToCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream, T[] data)
        where T : unmanaged
        => HostCopy.ToArray(view, stream, data);

    /// <summary>Copies to an array of at least the buffer's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The source.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="data">The array.</param>
    public static void CopyToCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, AcceleratorStream stream, T[] data)
        where T : unmanaged
        => buffer.View.CopyToCPU(stream, data);

    /// <summary>Copies to pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="pageLockScope">The host's memory.</param>
    public static void CopyToPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, PageLockScope<T> pageLockScope)
        where T : unmanaged
        => source.BaseView.CopyToCPU(stream, pageLockScope.Span);

    /// <summary>Copies to pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="pageLockedArray">The host's memory.</param>
    public static void CopyToPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, PageLockedArray1D<T> pageLockedArray)
        where T : unmanaged
        => source.CopyToCPU(stream, pageLockedArray.GetArray());

    /// <summary>Copies from an array of at least the view's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="data">The array.</param>
    public static void CopyFromCPU<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream, T[] data)
        where T : unmanaged
        => HostCopy.FromArray(view, stream, data);

    /// <summary>Copies from an array of at least the buffer's length.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The target.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="data">The array.</param>
    public static void CopyFromCPU<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, AcceleratorStream stream, T[] data)
        where T : unmanaged
        => buffer.View.CopyFromCPU(stream, data);

    /// <summary>Copies from pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="pageLockScope">The host's memory.</param>
    public static void CopyFromPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, PageLockScope<T> pageLockScope)
        where T : unmanaged
        => target.BaseView.CopyFromCPU(stream, (ReadOnlySpan<T>)pageLockScope.Span);

    /// <summary>Copies from pinned host memory.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="pageLockedArray">The host's memory.</param>
    public static void CopyFromPageLockedAsync<T>(this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, PageLockedArray1D<T> pageLockedArray)
        where T : unmanaged
        => target.CopyFromCPU(stream, pageLockedArray.GetArray());

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="view">The view.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray1D<T>(this ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream stream)
        where T : unmanaged
        => view.BaseView.GetAsArray(stream);

    /// <summary>The elements as an array.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="buffer">The buffer.</param>
    /// <param name="stream">The stream.</param>
    /// <returns>The array.</returns>
    public static T[] GetAsArray1D<T>(this MemoryBuffer<ArrayView1D<T, Stride1D.Dense>> buffer, AcceleratorStream stream)
        where T : unmanaged
        => buffer.View.BaseView.GetAsArray(stream);

    /// <summary>Copies to the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="source">The source on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    public static void CopyToCPU<T>(this ArrayView1D<T, Stride1D.Dense> source, AcceleratorStream stream, in Span<T> span)
        where T : unmanaged
        => source.BaseView.CopyToCPU(stream, span);

    /// <summary>Copies from the host.</summary>
    /// <typeparam name="T">The element type.</typeparam>
    /// <param name="target">The target on the device.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="span">The host's memory; as many elements as it has are copied.</param>
    public static void CopyFromCPU<T>(this ArrayView1D<T, Stride1D.Dense> target, AcceleratorStream stream, in ReadOnlySpan<T> span)
        where T : unmanaged
        => target.BaseView.CopyFromCPU(stream, span);
}
