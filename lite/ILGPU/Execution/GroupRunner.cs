using System.Runtime.InteropServices;
using ILGPU.Compiler;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;

namespace ILGPU.Execution;

/// <summary>
/// Runs groups, one after the other, with memory of its own. Lanes run in order, each from one waiting point to the next; then all are checked to
/// be at the same point, and go on.
/// </summary>
internal sealed unsafe class GroupRunner : IDisposable
{
    private const int SharedSlack = 128;
    private GroupContext* _group;
    private LaneContext* _lanes;
    private byte* _frames;
    private CompiledKernel? _kernel;
    private LaneStep _step = null!;
    private int _laneCapacity;
    private long _frameCapacity;
    private long _slotCapacity;
    private int _siteCapacity;
    private int _siteCount;
    private LaneContext* _current;
    private bool _hasEnded;

    internal GroupRunner(int sharedBytes)
    {
        _group = (GroupContext*)NativeMemory.AllocZeroed((nuint)sizeof(GroupContext));
        _group->SharedBytes = sharedBytes;
        _group->Shared = (byte*)NativeMemory.AlignedAlloc((nuint)(sharedBytes + SharedSlack), SharedSlack);
    }

    /// <summary>Makes the runner ready for a launch.</summary>
    internal void Prepare(LaunchPlan plan)
    {
        _kernel = plan.Kernel;
        _step = plan.Kernel.Step;
        _group->GridDimX = plan.Config.GridDim.X;
        _group->GridDimY = plan.Config.GridDim.Y;
        _group->GridDimZ = plan.Config.GridDim.Z;
        _group->GroupDimX = plan.Config.GroupDim.X;
        _group->GroupDimY = plan.Config.GroupDim.Y;
        _group->GroupDimZ = plan.Config.GroupDim.Z;
        _group->LaneCount = plan.Config.GroupDim.Size;
        _group->WarpSize = plan.WarpSize;
        _group->SlotBytes = (_kernel.SlotBytes + 15) & -16;
        _group->DynamicBytes = plan.Config.SharedMemoryConfig.ArraySize;
        _group->Arguments = (byte*)plan.Arguments;
        ReserveMemory();
        PlaceLanes();
    }

    /// <summary>Runs a group.</summary>
    /// <param name="linear">Its place in the grid, X fastest.</param>
    /// <param name="plan">The launch.</param>
    internal void Run(long linear, LaunchPlan plan)
    {
        _group->GridIdxX = (int)(linear % _group->GridDimX);
        long rest = linear / _group->GridDimX;
        _group->GridIdxY = (int)(rest % _group->GridDimY);
        _group->GridIdxZ = (int)(rest / _group->GridDimY);
        StartSharedMemory();
        try
        {
            if (plan.Kernel.IsImplicit)
            {
                RunImplicit(linear, plan.Extent);
            }
            else if (_kernel!.Points.Count == 0)
            {
                RunFree();
            }
            else
            {
                RunTogether();
            }
        }
        catch (Exception fault) when (fault is not CPUKernelException)
        {
            throw new CPUKernelException($"Kernel '{_kernel!.Name}', group {GroupName()}, lane {LaneName(_current)}: {fault.Message}", fault);
        }
    }

    /// <summary>Gives back what belongs to the launch alone.</summary>
    internal void Finish()
    {
        for (int i = 0; i < _siteCount; i++)
        {
            if (_group->Sites[i].Lanes > 0)
            {
                NativeMemory.AlignedFree(_group->Sites[i].Address);
            }

            _group->Sites[i] = default;
        }

    }


    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_group->Shared);
        NativeMemory.AlignedFree(_group->Slots);
        NativeMemory.Free(_group->Sites);
        NativeMemory.Free(_group);
        NativeMemory.AlignedFree(_lanes);
        NativeMemory.AlignedFree(_frames);
        _group = null;
    }

    private void ReserveMemory()
    {
        int lanes = _group->LaneCount;
        if (lanes > _laneCapacity)
        {
            NativeMemory.AlignedFree(_lanes);
            _lanes = (LaneContext*)NativeMemory.AlignedAlloc((nuint)(lanes * sizeof(LaneContext)), 64);
            _laneCapacity = lanes;
        }

        _frames = Reserve(_frames, ref _frameCapacity, (long)lanes * FrameStride());
        _group->Slots = Reserve(_group->Slots, ref _slotCapacity, 2L * lanes * _group->SlotBytes);
        _siteCount = _kernel!.SiteCount;
        if (_siteCount > _siteCapacity)
        {
            NativeMemory.Free(_group->Sites);
            _group->Sites = (MemorySite*)NativeMemory.AllocZeroed((nuint)_siteCount, (nuint)sizeof(MemorySite));
            _siteCapacity = _siteCount;
        }
    }

    private static byte* Reserve(byte* memory, ref long capacity, long bytes)
    {
        if (bytes <= capacity)
        {
            return memory;
        }

        NativeMemory.AlignedFree(memory);
        capacity = bytes;
        return (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
    }

    private int FrameStride() => (_kernel!.FrameBytes + 15) & -16;

    private void PlaceLanes()
    {
        int linear = 0;
        int stride = FrameStride();
        for (int z = 0; z < _group->GroupDimZ; z++)
        {
            for (int y = 0; y < _group->GroupDimY; y++)
            {
                for (int x = 0; x < _group->GroupDimX; x++, linear++)
                {
                    LaneContext* lane = _lanes + linear;
                    *lane = new LaneContext { IdxX = x, IdxY = y, IdxZ = z, LinearIdx = linear, LaneIdx = linear % _group->WarpSize, Frame = _frames + ((long)linear * stride) };
                }
            }
        }
    }

    private void StartSharedMemory()
    {
        for (int i = 0; i < _siteCount; i++)
        {
            if (_group->Sites[i].Lanes == 0)
            {
                _group->Sites[i] = default;
            }
        }

        _group->SharedUsed = _group->DynamicBytes;
        DeviceMemory.Fill(_group->Shared, _group->DynamicBytes);
    }

    private void RunFree()
    {
        LaneContext* end = _lanes + _group->LaneCount;
        for (LaneContext* lane = _lanes; lane < end; lane++)
        {
            _current = lane;
            _step(_group, lane);
        }
    }

    private void RunImplicit(long linear, Index3D extent)
    {
        long first = linear * _group->LaneCount;
        int lanes = (int)Math.Min(_group->LaneCount, extent.LongSize - first);
        for (int i = 0; i < lanes; i++)
        {
            LaneContext* lane = _lanes + i;
            long place = first + i;
            long rest = place / extent.X;
            lane->ImplicitIndex = new Index3D((int)(place % extent.X), (int)(rest % extent.Y), (int)(rest / extent.Y));
            _current = lane;
            _step(_group, lane);
        }
    }

    private void RunTogether()
    {
        int lanes = _group->LaneCount;
        for (int i = 0; i < lanes; i++)
        {
            _lanes[i].State = 0;
            _lanes[i].Parity = 0;
            _lanes[i].Predicate = 0;
        }

        _hasEnded = false;
        while (RunToBarrier())
        {
            CountVotes();
        }
    }

    /// <summary>Runs all warps to the next barrier of the group; tells whether a lane waits there.</summary>
    private bool RunToBarrier()
    {
        LaneContext* witness = null;
        for (int first = 0; first < _group->LaneCount; first += _group->WarpSize)
        {
            LaneContext* waiting = RunWarp(first);
            witness = witness == null ? waiting : witness;
            if (waiting != null && waiting->State != witness->State)
            {
                throw Divergence(witness, waiting);
            }
        }

        if (witness != null)
        {
            CheckSources(_lanes, _lanes + _group->LaneCount, witness->State);
        }

        return witness != null;
    }

    /// <summary>Runs a warp to where its lanes wait for the group, and returns the first that does; null where all have returned.</summary>
    private LaneContext* RunWarp(int first)
    {
        LaneContext* start = _lanes + first;
        LaneContext* end = _lanes + Math.Min(first + _group->WarpSize, _group->LaneCount);
        while (true)
        {
            LaneContext* witness = StepWarp(start, end);
            if (witness == null || _kernel!.Points[witness->State - 1].Scope == SuspensionScope.Group)
            {
                return witness;
            }

            CheckSources(start, end, witness->State);
        }
    }

    /// <summary>Runs each lane to where it waits next, and returns the first that waits; lanes that returned hold nobody.</summary>
    private LaneContext* StepWarp(LaneContext* start, LaneContext* end)
    {
        LaneContext* witness = null;
        for (LaneContext* lane = start; lane < end; lane++)
        {
            if (lane->State == LaneContext.Ended)
            {
                continue;
            }

            _current = lane;
            int point = _step(_group, lane);
            if (point == 0)
            {
                lane->State = LaneContext.Ended;
                lane->Predicate = 0;
                _hasEnded = true;
            }
            else if (witness == null)
            {
                witness = lane;
            }
            else if (point != witness->State)
            {
                throw Divergence(witness, lane);
            }
        }

        return witness;
    }

    /// <summary>A value cannot come from a lane that has returned.</summary>
    private void CheckSources(LaneContext* start, LaneContext* end, int point)
    {
        if (!_hasEnded || _kernel!.Points[point - 1].Take != nameof(LaneExchange.Take))
        {
            return;
        }

        for (LaneContext* lane = start; lane < end; lane++)
        {
            if (lane->State != LaneContext.Ended && _lanes[lane->SourceIdx].State == LaneContext.Ended)
            {
                throw new CPUKernelException($"Kernel '{_kernel.Name}', group {GroupName()}: lane {LaneName(lane)} {PointName(lane)} for the value of lane "
                    + $"{LaneName(_lanes + lane->SourceIdx)}, which has returned; let that lane take part.");
            }
        }
    }

    private void CountVotes()
    {
        int votes = 0;
        int present = 0;
        for (int i = 0; i < _group->LaneCount; i++)
        {
            votes += _lanes[i].Predicate;
            present += _lanes[i].State == LaneContext.Ended ? 0 : 1;
        }

        _group->Votes = votes;
        _group->LanesPresent = present;
    }

    private CPUKernelException Divergence(LaneContext* first, LaneContext* second)
        => new($"Kernel '{_kernel!.Name}', group {GroupName()}: lane {LaneName(first)} {PointName(first)}, but lane {LaneName(second)} {PointName(second)}; "
            + "all lanes of a group must reach the same barrier, and all lanes of a warp the same shuffle.");

    private string PointName(LaneContext* lane) => $"waits at {_kernel!.Points[lane->State - 1]}";

    private string GroupName() => $"({_group->GridIdxX}, {_group->GridIdxY}, {_group->GridIdxZ})";

    private static string LaneName(LaneContext* lane) => $"({lane->IdxX}, {lane->IdxY}, {lane->IdxZ})";
}
