using ILGPU.Compiler;
using ILGPU.Execution;

namespace ILGPU;

/// <summary>
/// The lane's place in its group, and what the lanes of a group do together. Every lane of a group that has not returned must reach
/// the same barrier: one that waits at another is an error.
/// </summary>
public static class Group
{
    /// <summary>The lane's place in X.</summary>
    public static int IdxX
    {
        [LaneValue(LaneValueSource.Lane, nameof(LaneContext.IdxX))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lane's place in Y.</summary>
    public static int IdxY
    {
        [LaneValue(LaneValueSource.Lane, nameof(LaneContext.IdxY))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lane's place in Z.</summary>
    public static int IdxZ
    {
        [LaneValue(LaneValueSource.Lane, nameof(LaneContext.IdxZ))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lane's place.</summary>
    public static Index3D Index => new(IdxX, IdxY, IdxZ);

    /// <summary>The lanes of a group in X.</summary>
    public static int DimX
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GroupDimX))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lanes of a group in Y.</summary>
    public static int DimY
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GroupDimY))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lanes of a group in Z.</summary>
    public static int DimZ
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.GroupDimZ))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lanes of a group.</summary>
    public static Index3D Dimension => new(DimX, DimY, DimZ);

    /// <summary>The lane's place, X fastest.</summary>
    public static int LinearIndex
    {
        [LaneValue(LaneValueSource.Lane, nameof(LaneContext.LinearIdx))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>Whether the lane is the first of its group.</summary>
    public static bool IsFirstThread => LinearIndex == 0;

    /// <summary>Whether the lane is the last of its group.</summary>
    public static bool IsLastThread => LinearIndex == (DimX * DimY * DimZ) - 1;

    /// <summary>Waits until every lane of the group is here.</summary>
    [Suspension(SuspensionScope.Group, nameof(LaneExchange.Arrive), null)]
    public static void Barrier() => throw KernelOnly.Outside();

    /// <summary>Waits until every lane of the group is here.</summary>
    /// <param name="predicate">The lane's answer.</param>
    /// <returns>How many lanes said true.</returns>
    [Suspension(SuspensionScope.Group, nameof(LaneExchange.Vote), nameof(LaneExchange.CountVotes))]
    public static int BarrierPopCount(bool predicate) => throw KernelOnly.Outside();

    /// <summary>Waits until every lane of the group is here.</summary>
    /// <param name="predicate">The lane's answer.</param>
    /// <returns>Whether all lanes said true.</returns>
    [Suspension(SuspensionScope.Group, nameof(LaneExchange.Vote), nameof(LaneExchange.AllVoted))]
    public static bool BarrierAnd(bool predicate) => throw KernelOnly.Outside();

    /// <summary>Waits until every lane of the group is here.</summary>
    /// <param name="predicate">The lane's answer.</param>
    /// <returns>Whether a lane said true.</returns>
    [Suspension(SuspensionScope.Group, nameof(LaneExchange.Vote), nameof(LaneExchange.AnyVoted))]
    public static bool BarrierOr(bool predicate) => throw KernelOnly.Outside();

    /// <summary>Hands one lane's value to all lanes of the group.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="value">The lane's value.</param>
    /// <param name="groupIndex">The lane that is heard.</param>
    /// <returns>Its value.</returns>
    [Suspension(SuspensionScope.Group, nameof(LaneExchange.GroupBroadcast), nameof(LaneExchange.Take))]
    public static T Broadcast<T>(T value, int groupIndex)
        where T : unmanaged
        => throw KernelOnly.Outside();
}
