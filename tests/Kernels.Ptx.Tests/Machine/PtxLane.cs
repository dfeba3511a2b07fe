namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>One thread of a group: its registers, its place in the program, and what it waits for.</summary>
internal sealed class PtxLane(PtxGroup group, int linear, int registers)
{
    public PtxGroup Group { get; } = group;

    /// <summary>The thread's number in its group, x first.</summary>
    public int Linear { get; } = linear;

    public int X { get; } = linear % group.Size.X;

    public int Y { get; } = linear / group.Size.X % group.Size.Y;

    public int Z { get; } = linear / group.Size.X / group.Size.Y;

    /// <summary>The registers, each in 64 bits with the upper ones zero; predicates are 0 or 1.</summary>
    public ulong[] Registers { get; } = new ulong[registers];

    public int Next { get; set; }

    public PtxWait Wait { get; set; }

    /// <summary>Whether the instruction that waited has still to take what it was given.</summary>
    public bool IsResumed { get; set; }

    /// <summary>The instruction that the thread waits at.</summary>
    public int WaitsAt { get; set; }

    /// <summary>What the thread brings to a vote or a shuffle, and what it is given.</summary>
    public ulong Given { get; set; }

    /// <summary>The lane, offset or mask of a shuffle.</summary>
    public int ShuffleLane { get; set; }

    /// <summary>The clamp and segment mask of a shuffle.</summary>
    public int ShuffleClamp { get; set; }

    /// <summary>What the thread brings to an instruction of its whole warp, and what it is given.</summary>
    public uint[] Words { get; set; } = [];

    /// <summary>What that instruction does to the words of all 32 threads.</summary>
    public Action<PtxLane[]>? Together { get; set; }
}
