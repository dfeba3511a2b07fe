namespace ILGPU.Runtime;

/// <summary>Pinned host memory seen as a buffer; any accelerator may read and write it. The array lives as long as the buffer.</summary>
internal sealed class HostBuffer(Accelerator accelerator, Array array, nint address, int elementSize)
    : MemoryBuffer(accelerator, address, array.LongLength, elementSize)
{
    private Array? _array = array;

    private protected override void Free() => _array = null;
}
