using System.Runtime.CompilerServices;

namespace ILGPU.Runtime;

/// <summary>Host memory that is pinned for copies as long as this lives.</summary>
/// <typeparam name="T">The element type.</typeparam>
public sealed class PageLockScope<T> : AcceleratorObject
    where T : unmanaged
{
    internal PageLockScope(Accelerator accelerator, nint address, long length)
        : base(accelerator)
    {
        AddrOfLockedObject = address;
        Length = length;
    }

    /// <summary>The address of the first element.</summary>
    public IntPtr AddrOfLockedObject { get; }

    /// <summary>The number of elements.</summary>
    public long Length { get; }

    /// <summary>The number of bytes.</summary>
    public long LengthInBytes => Length * Unsafe.SizeOf<T>();

    internal unsafe Span<T> Span => new((void*)AddrOfLockedObject, checked((int)Length));

    /// <inheritdoc/>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
