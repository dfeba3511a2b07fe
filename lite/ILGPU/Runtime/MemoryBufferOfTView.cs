namespace ILGPU.Runtime;

/// <summary>A piece of device memory that is seen through a view.</summary>
/// <typeparam name="TView">The view.</typeparam>
public abstract unsafe class MemoryBuffer<TView> : MemoryBuffer, IContiguousArrayView
    where TView : struct, IArrayView
{
    private protected MemoryBuffer(Accelerator accelerator, nint address, long length, int elementSize)
        : base(accelerator, address, length, elementSize)
    {
    }

    /// <summary>The view of all elements.</summary>
    public TView View { get; private protected set; }

    /// <summary>Whether the buffer is not disposed.</summary>
    public bool IsValid => !IsDisposed;

    /// <inheritdoc/>
    MemoryBuffer IArrayView.Buffer => this;

    /// <inheritdoc/>
    long IContiguousArrayView.Index => 0;

    /// <inheritdoc/>
    long IContiguousArrayView.IndexInBytes => 0;

    /// <summary>The view of a buffer.</summary>
    /// <param name="buffer">The buffer.</param>
    public static implicit operator TView(MemoryBuffer<TView> buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        return buffer.View;
    }

    /// <summary>The view of all elements.</summary>
    /// <returns>The view.</returns>
    public TView ToArrayView() => View;

    private protected override void Free() => DeviceMemory.Free(NativePtr);
}
