using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace ILGPU.Execution;

/// <summary>What the compiler calls where a kernel asks for shared or local memory.</summary>
internal static unsafe class KernelMemory
{
    private const int SharedAlignmentBytes = 128;

    public static ArrayView<T> Shared<T>(int extent, GroupContext* group, LaneContext* lane, int site)
        where T : unmanaged
    {
        MemorySite* place = group->Sites + site;
        long bytes = CheckedBytes<T>(extent);
        if (place->Address == null)
        {
            int start = (group->SharedUsed + SharedAlignmentBytes - 1) & -SharedAlignmentBytes;
            if (bytes > group->SharedBytes - start)
            {
                throw new InvalidOperationException(
                    $"'{bytes}' more bytes of shared memory were asked for after {start}, but a group has {group->SharedBytes}; use smaller tiles.");
            }

            place->Address = group->Shared + start;
            place->Bytes = bytes;
            group->SharedUsed = start + (int)bytes;
            DeviceMemory.Fill(place->Address, bytes);
        }

        CheckSame(place, bytes);
        return new((T*)place->Address, extent, owner: 0);
    }

    public static ArrayView<T> Local<T>(int extent, GroupContext* group, LaneContext* lane, int site)
        where T : unmanaged
    {
        MemorySite* place = group->Sites + site;
        long bytes = CheckedBytes<T>(extent);
        long stride = (bytes + DeviceMemory.AlignmentBytes - 1) & -DeviceMemory.AlignmentBytes;
        if (place->Address == null)
        {
            place->Address = (byte*)NativeMemory.AlignedAlloc((nuint)(stride * group->LaneCount), DeviceMemory.AlignmentBytes);
            place->Bytes = bytes;
            place->Lanes = group->LaneCount;
        }

        CheckSame(place, bytes);
        byte* start = place->Address + (stride * lane->LinearIdx);
        DeviceMemory.Fill(start, bytes);
        return new((T*)start, extent, owner: 0);
    }

    public static ArrayView<T> Dynamic<T>(GroupContext* group, LaneContext* lane, int site)
        where T : unmanaged
        => new((T*)group->Shared, group->DynamicBytes / sizeof(T), owner: 0);

    private static long CheckedBytes<T>(int extent)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(extent);
        return Math.Max(1, (long)extent * sizeof(T));
    }

    private static void CheckSame(MemorySite* place, long bytes)
    {
        if (place->Bytes != bytes)
        {
            throw new InvalidOperationException(
                $"'{bytes}' bytes of shared or local memory were asked for where another lane or group got {place->Bytes}; the extent must be a constant.");
        }
    }
}
