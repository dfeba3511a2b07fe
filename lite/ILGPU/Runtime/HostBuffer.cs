namespace ILGPU.Runtime;

/// <summary>Pinned host memory seen as a buffer; any accelerator may read and write it.</summary>
internal sealed class HostBuffer(Accelerator accelerator, nint address, long length, int elementSize)
    : MemoryBuffer(accelerator, address, length, elementSize)
{
    private protected override void Free()
    {
    }
}
