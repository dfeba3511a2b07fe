namespace ILGPU.Runtime;

/// <summary>Moves bytes between host and device memory, with all lengths checked.</summary>
internal static unsafe class HostCopy
{
    internal static void Check(AcceleratorStream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ObjectDisposedException.ThrowIf(stream.IsDisposed, stream);
    }

    /// <summary>The bytes of a view, whose buffer must not be disposed.</summary>
    internal static ArrayView<byte> Bytes<TView>(TView view)
        where TView : IContiguousArrayView
    {
        if (view.Length == 0)
        {
            return default;
        }

        ArrayView<byte> bytes = view.AsRawArrayView();
        ObjectDisposedException.ThrowIf(bytes.Buffer.IsDisposed, bytes.Buffer);
        return bytes;
    }

    internal static void Fill(ArrayView<byte> target, byte value) => System.Runtime.InteropServices.NativeMemory.Fill(target.Start, (nuint)target.Length, value);

    internal static void Copy(ArrayView<byte> source, ArrayView<byte> target)
    {
        CheckFits(source.Length, target.Length, "target view");
        Buffer.MemoryCopy(source.Start, target.Start, target.Length, source.Length);
    }

    internal static void ToHost<T>(ArrayView<byte> source, Span<T> span)
        where T : unmanaged
    {
        long bytes = (long)span.Length * sizeof(T);
        CheckFits(bytes, source.Length, "view");
        fixed (T* target = span)
        {
            Buffer.MemoryCopy(source.Start, target, bytes, bytes);
        }
    }

    internal static void FromHost<T>(ArrayView<byte> target, ReadOnlySpan<T> span)
        where T : unmanaged
    {
        long bytes = (long)span.Length * sizeof(T);
        CheckFits(bytes, target.Length, "view");
        fixed (T* source = span)
        {
            Buffer.MemoryCopy(source, target.Start, bytes, bytes);
        }
    }

    internal static void ToArray<T>(ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream? stream, T[] data)
        where T : unmanaged
    {
        CheckArray(view.Length, stream, data);
        ToHost(Bytes(view.BaseView), data.AsSpan(0, view.IntLength));
    }

    internal static void FromArray<T>(ArrayView1D<T, Stride1D.Dense> view, AcceleratorStream? stream, T[] data)
        where T : unmanaged
    {
        CheckArray(view.Length, stream, data);
        FromHost<T>(Bytes(view.BaseView), data.AsSpan(0, view.IntLength));
    }

    private static void CheckArray<T>(long length, AcceleratorStream? stream, T[] data)
    {
        ArgumentNullException.ThrowIfNull(data);
        if (stream is not null)
        {
            Check(stream);
        }

        if (data.Length < length)
        {
            throw new ArgumentOutOfRangeException(nameof(data), $"An array of '{data.Length}' elements is shorter than the view of {length}; take a longer one or a part of the view.");
        }
    }

    private static void CheckFits(long bytes, long available, string what)
    {
        if (bytes > available)
        {
            throw new ArgumentOutOfRangeException(nameof(bytes), $"'{bytes}' bytes were to be copied, but the {what} has {available}; copy fewer.");
        }
    }
}
