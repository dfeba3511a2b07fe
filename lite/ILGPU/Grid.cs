using ILGPU.Compiler;
using ILGPU.Execution;

namespace ILGPU;

/// <summary>The place of the lane's group in the grid of the launch.</summary>
public static class Grid
{
    /// <summary>The group's place in X.</summary>
    public static int IdxX
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridIdxX))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The group's place in Y.</summary>
    public static int IdxY
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridIdxY))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The group's place in Z.</summary>
    public static int IdxZ
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridIdxZ))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The group's place.</summary>
    public static Index3D Index => new(IdxX, IdxY, IdxZ);

    /// <summary>The groups in X.</summary>
    public static int DimX
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridDimX))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The groups in Y.</summary>
    public static int DimY
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridDimY))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The groups in Z.</summary>
    public static int DimZ
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GridDimZ))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The groups.</summary>
    public static Index3D Dimension => new(DimX, DimY, DimZ);

    /// <summary>The group's place, X fastest.</summary>
    public static int LinearIndex => IdxX + (DimX * (IdxY + (DimY * IdxZ)));

    /// <summary>The lane's place in the grid.</summary>
    public static Index3D GlobalIndex
        => new(Group.IdxX + (IdxX * Group.DimX), Group.IdxY + (IdxY * Group.DimY), Group.IdxZ + (IdxZ * Group.DimZ));

    /// <summary>The lane's place in the grid, group by group.</summary>
    public static int GlobalLinearIndex => (LinearIndex * Group.Dimension.Size) + Group.LinearIndex;
}
