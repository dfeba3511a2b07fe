using System.Runtime.InteropServices;

namespace ILGPU.Execution;

/// <summary>One lane of the group that runs: its place, where it goes on, and what it keeps while others run.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct LaneContext
{
    /// <summary>The state of a lane that returned.</summary>
    public const int Ended = -1;

    /// <summary>The place in the group.</summary>
    public int IdxX;

    /// <summary>The place in the group.</summary>
    public int IdxY;

    /// <summary>The place in the group.</summary>
    public int IdxZ;

    /// <summary>The place in the group, X fastest.</summary>
    public int LinearIdx;

    /// <summary>The place in the warp.</summary>
    public int LaneIdx;

    /// <summary>0 at the start, <see cref="Ended"/> at the end, else the number of the suspension point that the lane waits at.</summary>
    public int State;

    /// <summary>The place in the extent of an implicitly grouped kernel; X, Y and Z follow each other, so that any index type may be read here.</summary>
    public Index3D ImplicitIndex;

    /// <summary>What the lane said at a barrier with a predicate: 0 or 1.</summary>
    public int Predicate;

    /// <summary>Which of the two exchange slots the lane writes next: 0 or 1. With two, a lane that goes on early overwrites nothing that others still read.</summary>
    public int Parity;

    /// <summary>The lane of the group that it hears.</summary>
    public int SourceIdx;

    /// <summary>Where the lane reads what it was handed.</summary>
    public byte* Source;

    /// <summary>The variables that the lane keeps.</summary>
    public byte* Frame;
}
