namespace ILGPU.Execution;

/// <summary>A place in a kernel's code that allocates shared or local memory.</summary>
internal unsafe struct MemorySite
{
    /// <summary>The memory of the group or of the first lane; null before the first lane comes by.</summary>
    public byte* Address;

    /// <summary>The bytes of the group's or of each lane's memory.</summary>
    public long Bytes;

    /// <summary>The number of lanes that have a part, 0 where the group shares.</summary>
    public int Lanes;
}
