using ILGPU.Runtime;

namespace Winnow.Kernels.Ptx.Tests.Runtime;

/// <summary>Host memory that need not be locked, since the accelerator's memory lies on the host as well.</summary>
internal sealed class HostScope<T> : PageLockScope<T>
    where T : unmanaged
{
    public HostScope(Accelerator accelerator, IntPtr pinned, long count)
        : base(accelerator, count) => AddrOfLockedObject = pinned;

    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
