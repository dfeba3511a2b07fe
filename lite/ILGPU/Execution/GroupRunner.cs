using ILGPU.Compiler;
using ILGPU.Runtime.CPU;

namespace ILGPU.Execution;

/// <summary>
/// Runs groups, one after the other, with memory of its own. Lanes run one after the other, each from one waiting point to the next; then all are
/// checked to be at the same point, and go on. Forwards and backwards take turns, from point to point and from group to group: a kernel that lacks
/// a barrier is right in one order of lanes at most.
/// </summary>
internal sealed unsafe class GroupRunner(int sharedBytes) : IDisposable
{
    private readonly GroupMemory _memory = new(sharedBytes);
    private CompiledKernel _kernel = null!;
    private LaneStep _step = null!;
    private LaneContext* _current;
    private bool _isBackwards;
    private bool _hasEnded;

    /// <summary>Makes the runner ready for a launch.</summary>
    internal void Prepare(in LaunchPlan plan)
    {
        _kernel = plan.Kernel;
        _step = plan.Kernel.Step;
        _memory.Prepare(plan);
    }

    /// <summary>Runs a group.</summary>
    /// <param name="linear">Its place in the grid, X fastest.</param>
    /// <param name="plan">The launch.</param>
    /// <exception cref="CPUKernelException">The kernel broke a rule.</exception>
    internal void Run(long linear, in LaunchPlan plan)
    {
        _memory.Enter(linear);
        _isBackwards = (linear & 1) != 0;
        _current = _memory.Lanes;
        try
        {
            if (_kernel.IsImplicit)
            {
                RunImplicit(linear, plan.Extent);
            }
            else if (_kernel.Points.Count == 0)
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
            throw new CPUKernelException($"Kernel '{_kernel.Name}', group {GroupName()}, lane {LaneName(_current)}: {fault.Message}", fault);
        }
    }

    /// <summary>Gives back what belongs to the launch alone.</summary>
    internal void Finish() => _memory.Finish();

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    /// <summary>Runs lanes that wait for nobody.</summary>
    private void RunFree()
    {
        int lanes = _memory.Group->LaneCount;
        for (int i = 0; i < lanes; i++)
        {
            _current = _memory.Lanes + (_isBackwards ? lanes - 1 - i : i);
            _step(_memory.Group, _current);
        }
    }

    private void RunImplicit(long linear, Index3D extent)
    {
        long first = linear * _memory.Group->LaneCount;
        int lanes = (int)Math.Min(_memory.Group->LaneCount, extent.LongSize - first);
        for (int i = 0; i < lanes; i++)
        {
            long row = (first + i) / extent.X;
            _current = _memory.Lanes + i;
            _current->ImplicitIndex = new Index3D((int)((first + i) % extent.X), (int)(row % extent.Y), (int)(row / extent.Y));
            _step(_memory.Group, _current);
        }
    }

    private void RunTogether()
    {
        for (int i = 0; i < _memory.Group->LaneCount; i++)
        {
            _memory.Lanes[i].State = 0;
            _memory.Lanes[i].Parity = 0;
            _memory.Lanes[i].Predicate = 0;
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
        int warpSize = _memory.Group->WarpSize;
        int warps = (_memory.Group->LaneCount + warpSize - 1) / warpSize;
        bool isBackwards = _isBackwards;
        for (int i = 0; i < warps; i++)
        {
            LaneContext* waiting = RunWarp((isBackwards ? warps - 1 - i : i) * warpSize);
            witness = witness == null ? waiting : witness;
            if (waiting != null && waiting->State != witness->State)
            {
                throw Divergence(witness, waiting);
            }
        }

        if (witness != null)
        {
            CheckSources(0, _memory.Group->LaneCount, witness->State);
        }

        _isBackwards = !isBackwards;
        return witness != null;
    }

    /// <summary>Runs a warp to where its lanes wait for the group, and returns one that does; null where all have returned.</summary>
    private LaneContext* RunWarp(int first)
    {
        int count = Math.Min(_memory.Group->WarpSize, _memory.Group->LaneCount - first);
        while (true)
        {
            LaneContext* witness = StepWarp(first, count);
            if (witness == null || _kernel.Points[witness->State - 1].Scope == SuspensionScope.Group)
            {
                return witness;
            }

            CheckSources(first, count, witness->State);
        }
    }

    /// <summary>Runs each lane to where it waits next, and returns one that waits; lanes that returned hold nobody.</summary>
    private LaneContext* StepWarp(int first, int count)
    {
        LaneContext* witness = null;
        LaneContext* lane = _memory.Lanes + (_isBackwards ? first + count - 1 : first);
        int stride = _isBackwards ? -1 : 1;
        _isBackwards = !_isBackwards;
        for (int i = 0; i < count; i++, lane += stride)
        {
            if (lane->State == LaneContext.Ended)
            {
                continue;
            }

            _current = lane;
            int point = _step(_memory.Group, lane);
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
    private void CheckSources(int first, int count, int point)
    {
        if (!_hasEnded || _kernel.Points[point - 1].Take != nameof(LaneExchange.Take))
        {
            return;
        }

        for (int i = first; i < first + count; i++)
        {
            LaneContext* lane = _memory.Lanes + i;
            if (lane->State != LaneContext.Ended && _memory.Lanes[lane->SourceIdx].State == LaneContext.Ended)
            {
                throw new CPUKernelException($"Kernel '{_kernel.Name}', group {GroupName()}: lane {LaneName(lane)} {PointName(lane)} for the value of lane "
                    + $"{LaneName(_memory.Lanes + lane->SourceIdx)}, which has returned; let that lane take part.");
            }
        }
    }

    private void CountVotes()
    {
        int votes = 0;
        int present = 0;
        for (int i = 0; i < _memory.Group->LaneCount; i++)
        {
            votes += _memory.Lanes[i].Predicate;
            present += _memory.Lanes[i].State == LaneContext.Ended ? 0 : 1;
        }

        _memory.Group->Votes = votes;
        _memory.Group->LanesPresent = present;
    }

    private CPUKernelException Divergence(LaneContext* first, LaneContext* second)
        => new($"Kernel '{_kernel.Name}', group {GroupName()}: lane {LaneName(first)} {PointName(first)}, but lane {LaneName(second)} {PointName(second)}; "
            + "all lanes of a group must reach the same barrier, and all lanes of a warp the same shuffle.");

    private string PointName(LaneContext* lane) => $"waits at {_kernel.Points[lane->State - 1]}";

    private string GroupName() => $"({_memory.Group->GridIdxX}, {_memory.Group->GridIdxY}, {_memory.Group->GridIdxZ})";

    private static string LaneName(LaneContext* lane) => $"({lane->IdxX}, {lane->IdxY}, {lane->IdxZ})";
}
