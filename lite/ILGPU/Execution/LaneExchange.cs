using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace ILGPU.Execution;

/// <summary>
/// What the compiler calls around a suspension point: one method with the operands before the lane waits, one for the result when it goes on.
/// </summary>
internal static unsafe class LaneExchange
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Arrive(GroupContext* group, LaneContext* lane)
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Vote(bool predicate, GroupContext* group, LaneContext* lane) => lane->Predicate = predicate ? 1 : 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CountVotes(GroupContext* group, LaneContext* lane) => group->Votes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AllVoted(GroupContext* group, LaneContext* lane) => group->Votes == group->LanesPresent;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool AnyVoted(GroupContext* group, LaneContext* lane) => group->Votes != 0;

    public static void GroupBroadcast<T>(T value, int source, GroupContext* group, LaneContext* lane)
        where T : unmanaged
    {
        if ((uint)source >= (uint)group->LaneCount)
        {
            throw new IndexOutOfRangeException($"'Group.Broadcast' names lane '{source}' of a group of {group->LaneCount} lanes; allowed are 0 to {group->LaneCount - 1}.");
        }

        Exchange(value, source, group, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Shuffle<T>(T value, int source, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => Exchange(value, Source(source, 0, group->WarpSize, group, lane), group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleDown<T>(T value, int delta, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => Shuffle(value, lane->LaneIdx + delta, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleUp<T>(T value, int delta, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => Shuffle(value, lane->LaneIdx - delta, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleXor<T>(T value, int mask, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => Shuffle(value, lane->LaneIdx ^ mask, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShufflePart<T>(T value, int source, int width, GroupContext* group, LaneContext* lane)
        where T : unmanaged
    {
        CheckWidth(width, group);
        Exchange(value, Source(source % width, source / width * width, width, group, lane), group, lane);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleDownPart<T>(T value, int delta, int width, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => ExchangePart(value, PlaceInPart(width, group, lane) + delta, width, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleUpPart<T>(T value, int delta, int width, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => ExchangePart(value, PlaceInPart(width, group, lane) - delta, width, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ShuffleXorPart<T>(T value, int mask, int width, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => ExchangePart(value, PlaceInPart(width, group, lane) ^ mask, width, group, lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T Take<T>(GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => *(T*)lane->Source;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int PlaceInPart(int width, GroupContext* group, LaneContext* lane)
    {
        CheckWidth(width, group);
        return lane->LaneIdx % width;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void ExchangePart<T>(T value, int source, int width, GroupContext* group, LaneContext* lane)
        where T : unmanaged
        => Exchange(value, Source(source, lane->LaneIdx / width * width, width, group, lane), group, lane);

    /// <summary>The lane of the group that is heard; the lane itself where the one it asks for is not in its warp or part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Source(int source, int offset, int width, GroupContext* group, LaneContext* lane)
    {
        if ((uint)source >= (uint)width)
        {
            return lane->LinearIdx;
        }

        int linear = lane->LinearIdx - lane->LaneIdx + offset + source;
        if (linear >= group->LaneCount)
        {
            LaneMissing(offset + source, group);
        }

        return linear;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CheckWidth(int width, GroupContext* group)
    {
        if (width <= 0 || width > group->WarpSize || (width & (width - 1)) != 0)
        {
            NoPart(width, group);
        }
    }

    [DoesNotReturn]
    private static void LaneMissing(int lane, GroupContext* group)
        => throw new InvalidOperationException(
            $"A shuffle reads lane '{lane}' of a warp that the group's {group->LaneCount} lanes do not fill; use groups of whole warps of {group->WarpSize}.");

    [DoesNotReturn]
    private static void NoPart(int width, GroupContext* group)
        => throw new ArgumentOutOfRangeException(nameof(width), $"'{width}' lanes are no part of a warp of {group->WarpSize}; give a power of two that is not larger.");

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Exchange<T>(T value, int source, GroupContext* group, LaneContext* lane)
        where T : unmanaged
    {
        byte* slots = group->Slots + ((nint)lane->Parity * group->LaneCount * group->SlotBytes);
        lane->Parity ^= 1;
        *(T*)(slots + ((nint)lane->LinearIdx * group->SlotBytes)) = value;
        lane->SourceIdx = source;
        lane->Source = slots + ((nint)source * group->SlotBytes);
    }
}
