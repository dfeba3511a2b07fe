using ILGPU.Compiler;
using ILGPU.Execution;

namespace ILGPU;

/// <summary>
/// What the lanes of a warp do together. Every lane of a warp must reach the same call. A lane that asks for one outside the warp, or outside its
/// part of <c>width</c> lanes, gets its own value.
/// </summary>
public static class Warp
{
    /// <summary>The lanes of a warp.</summary>
    public static int WarpSize
    {
        [LaneValue(LaneValueSource.Group, nameof(GroupContext.WarpSize))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>The lane's place in its warp.</summary>
    public static int LaneIdx
    {
        [LaneValue(LaneValueSource.Lane, nameof(LaneContext.LaneIdx))]
        get => throw KernelOnly.Outside();
    }

    /// <summary>Whether the lane is the first of its warp.</summary>
    public static bool IsFirstLane => LaneIdx == 0;

    /// <summary>Whether the lane is the last of its warp.</summary>
    public static bool IsLastLane => LaneIdx == WarpSize - 1;

    /// <summary>The warp's place in its group.</summary>
    public static int WarpIdx => Group.LinearIndex / WarpSize;

    /// <summary>Waits until every lane of the warp is here.</summary>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.Arrive), null)]
    public static void Barrier() => throw KernelOnly.Outside();

    /// <summary>Asks a lane for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="sourceLane">The lane that is heard.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.Shuffle), nameof(LaneExchange.Take))]
    public static T Shuffle<T>(T variable, int sourceLane)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks a lane for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="sourceLane">The lane that is heard.</param>
    /// <param name="width">The lanes of a part of the warp, a power of two.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShufflePart), nameof(LaneExchange.Take))]
    public static T Shuffle<T>(T variable, int sourceLane, int width)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks a lane above for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="delta">How many lanes above is heard.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleDown), nameof(LaneExchange.Take))]
    public static T ShuffleDown<T>(T variable, int delta)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks a lane above for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="delta">How many lanes above is heard.</param>
    /// <param name="width">The lanes of a part of the warp, a power of two.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleDownPart), nameof(LaneExchange.Take))]
    public static T ShuffleDown<T>(T variable, int delta, int width)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks a lane below for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="delta">How many lanes below is heard.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleUp), nameof(LaneExchange.Take))]
    public static T ShuffleUp<T>(T variable, int delta)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks a lane below for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="delta">How many lanes below is heard.</param>
    /// <param name="width">The lanes of a part of the warp, a power of two.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleUpPart), nameof(LaneExchange.Take))]
    public static T ShuffleUp<T>(T variable, int delta, int width)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks the lane whose number differs in some bits for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="mask">The bits in which the lane that is heard differs.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleXor), nameof(LaneExchange.Take))]
    public static T ShuffleXor<T>(T variable, int mask)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Asks the lane whose number differs in some bits for its value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="variable">The lane's value.</param>
    /// <param name="mask">The bits in which the lane that is heard differs.</param>
    /// <param name="width">The lanes of a part of the warp, a power of two.</param>
    /// <returns>The value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.ShuffleXorPart), nameof(LaneExchange.Take))]
    public static T ShuffleXor<T>(T variable, int mask, int width)
        where T : unmanaged
        => throw KernelOnly.Outside();

    /// <summary>Hands one lane's value to all lanes of the warp.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="value">The lane's value.</param>
    /// <param name="sourceLane">The lane that is heard.</param>
    /// <returns>Its value.</returns>
    [Suspension(SuspensionScope.Warp, nameof(LaneExchange.Shuffle), nameof(LaneExchange.Take))]
    public static T Broadcast<T>(T value, int sourceLane)
        where T : unmanaged
        => throw KernelOnly.Outside();
}
