using System.Runtime.InteropServices;

namespace ILGPU.Execution;

/// <summary>The group that runs: its place in the grid and its memory.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct GroupContext
{
    /// <summary>The place in the grid.</summary>
    public int GridIdxX;

    /// <summary>The place in the grid.</summary>
    public int GridIdxY;

    /// <summary>The place in the grid.</summary>
    public int GridIdxZ;

    /// <summary>The groups.</summary>
    public int GridDimX;

    /// <summary>The groups.</summary>
    public int GridDimY;

    /// <summary>The groups.</summary>
    public int GridDimZ;

    /// <summary>The lanes of a group.</summary>
    public int GroupDimX;

    /// <summary>The lanes of a group.</summary>
    public int GroupDimY;

    /// <summary>The lanes of a group.</summary>
    public int GroupDimZ;

    /// <summary>The lanes of a warp.</summary>
    public int WarpSize;

    /// <summary>The lanes of a group.</summary>
    public int LaneCount;

    /// <summary>How many lanes said true at the last barrier with a predicate.</summary>
    public int Votes;

    /// <summary>How many lanes were at the last barrier; the others had returned.</summary>
    public int LanesPresent;

    /// <summary>The bytes of one lane's exchange slot.</summary>
    public int SlotBytes;

    /// <summary>The bytes of dynamic shared memory.</summary>
    public int DynamicBytes;

    /// <summary>The kernel's arguments.</summary>
    public byte* Arguments;

    /// <summary>The exchange slots: all lanes' first ones, then all lanes' second ones.</summary>
    public byte* Slots;

    /// <summary>The places in the code that allocate shared or local memory.</summary>
    public MemorySite* Sites;

    /// <summary>The shared memory; the dynamic part comes first.</summary>
    public byte* Shared;

    /// <summary>How much of the shared memory is taken.</summary>
    public int SharedUsed;

    /// <summary>How much shared memory there is.</summary>
    public int SharedBytes;
}
