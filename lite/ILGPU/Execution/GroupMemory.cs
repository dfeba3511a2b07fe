using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace ILGPU.Execution;

/// <summary>What a group needs while it runs: its context, its lanes with their frames, exchange slots, shared memory and memory sites. It is kept for the next launch.</summary>
internal sealed unsafe class GroupMemory : IDisposable
{
    private const int CacheLineBytes = 64;
    private const int SharedAlignmentBytes = 128;
    private const int SlotSets = 2;
    private byte* _frames;
    private long _frameCapacity;
    private long _slotCapacity;
    private int _laneCapacity;
    private int _siteCapacity;
    private int _siteCount;
    private (Index3D GroupDim, int WarpSize, int FrameStride, nint Frames) _placed;

    internal GroupMemory(int sharedBytes)
    {
        Group = (GroupContext*)NativeMemory.AllocZeroed((nuint)sizeof(GroupContext));
        Group->SharedBytes = sharedBytes;
        Group->Shared = (byte*)NativeMemory.AlignedAlloc((nuint)(sharedBytes + SharedAlignmentBytes), SharedAlignmentBytes);
    }

    internal GroupContext* Group { get; private set; }

    internal LaneContext* Lanes { get; private set; }

    /// <summary>Makes it large enough for a launch.</summary>
    internal void Prepare(in LaunchPlan plan)
    {
        Group->GridDimX = plan.Config.GridDim.X;
        Group->GridDimY = plan.Config.GridDim.Y;
        Group->GridDimZ = plan.Config.GridDim.Z;
        Group->GroupDimX = plan.Config.GroupDim.X;
        Group->GroupDimY = plan.Config.GroupDim.Y;
        Group->GroupDimZ = plan.Config.GroupDim.Z;
        Group->LaneCount = plan.Config.GroupDim.Size;
        Group->WarpSize = plan.WarpSize;
        Group->SlotBytes = Padded(plan.Kernel.SlotBytes);
        Group->DynamicBytes = plan.Config.SharedMemoryConfig.ArraySize;
        Group->Arguments = (byte*)plan.Arguments;
        int frameStride = Padded(plan.Kernel.FrameBytes);
        _frames = Reserve(_frames, ref _frameCapacity, (long)Group->LaneCount * frameStride);
        Group->Slots = Reserve(Group->Slots, ref _slotCapacity, (long)SlotSets * Group->LaneCount * Group->SlotBytes);
        ReserveSites(plan.Kernel.SiteCount);
        PlaceLanes(plan.Config.GroupDim, frameStride);
    }

    /// <summary>Enters a group: shared memory is new.</summary>
    /// <param name="linear">Its place in the grid, X fastest.</param>
    internal void Enter(long linear)
    {
        Group->GridIdxX = (int)(linear % Group->GridDimX);
        long rest = linear / Group->GridDimX;
        Group->GridIdxY = (int)(rest % Group->GridDimY);
        Group->GridIdxZ = (int)(rest / Group->GridDimY);
        for (int i = 0; i < _siteCount; i++)
        {
            if (Group->Sites[i].Lanes == 0)
            {
                Group->Sites[i] = default;
            }
        }

        Group->SharedUsed = Group->DynamicBytes;
        DeviceMemory.Fill(Group->Shared, Group->DynamicBytes);
    }

    /// <summary>Gives back what belongs to the launch alone.</summary>
    internal void Finish()
    {
        for (int i = 0; i < _siteCount; i++)
        {
            if (Group->Sites[i].Lanes > 0)
            {
                NativeMemory.AlignedFree(Group->Sites[i].Address);
            }

            Group->Sites[i] = default;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(Group->Shared);
        NativeMemory.AlignedFree(Group->Slots);
        NativeMemory.Free(Group->Sites);
        NativeMemory.Free(Group);
        NativeMemory.AlignedFree(Lanes);
        NativeMemory.AlignedFree(_frames);
        Group = null;
        Lanes = null;
    }

    private static int Padded(int bytes) => (bytes + 15) & -16;

    private static byte* Reserve(byte* memory, ref long capacity, long bytes)
    {
        if (bytes <= capacity)
        {
            return memory;
        }

        NativeMemory.AlignedFree(memory);
        capacity = bytes;
        return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, CacheLineBytes);
    }

    private void ReserveSites(int count)
    {
        _siteCount = count;
        if (count > _siteCapacity)
        {
            NativeMemory.Free(Group->Sites);
            Group->Sites = (MemorySite*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(MemorySite));
            _siteCapacity = count;
        }
    }

    /// <summary>Gives each lane its place and frame, unless the last launch had the same.</summary>
    private void PlaceLanes(Index3D groupDim, int frameStride)
    {
        var wanted = (groupDim, Group->WarpSize, frameStride, (nint)_frames);
        if (_placed == wanted)
        {
            return;
        }

        if (Group->LaneCount > _laneCapacity)
        {
            NativeMemory.AlignedFree(Lanes);
            _laneCapacity = Group->LaneCount;
            Lanes = (LaneContext*)NativeMemory.AlignedAlloc((nuint)_laneCapacity * (nuint)sizeof(LaneContext), CacheLineBytes);
        }

        for (int linear = 0; linear < Group->LaneCount; linear++)
        {
            int row = linear / groupDim.X;
            Lanes[linear] = new LaneContext
            {
                IdxX = linear % groupDim.X,
                IdxY = row % groupDim.Y,
                IdxZ = row / groupDim.Y,
                LinearIdx = linear,
                LaneIdx = linear % Group->WarpSize,
                Frame = _frames + ((long)linear * frameStride),
            };
        }

        _placed = wanted;
    }
}
