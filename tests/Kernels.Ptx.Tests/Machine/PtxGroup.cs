using ILGPU;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>Runs one group: every thread up to its next barrier, shuffle or instruction of a whole warp, then that, until all have ended.</summary>
internal sealed class PtxGroup
{
    private const int WarpSize = 32;
    private readonly PtxProgram _program;
    private readonly PtxLane[] _lanes;

    public PtxGroup(PtxProgram program, PtxLaunch launch, Index3D index)
    {
        _program = program;
        Launch = launch;
        Index = index;
        Size = launch.Group;
        int lanes = Size.X * Size.Y * Size.Z;
        Memory = new PtxMemory(launch.Views, program.SharedBytes + launch.DynamicBytes, program.LocalBytes, lanes);
        _lanes = [.. Enumerable.Range(0, lanes).Select(linear => new PtxLane(this, linear, program.Registers))];
    }

    public PtxLaunch Launch { get; }

    public Index3D Index { get; }

    public Index3D Size { get; }

    public PtxMemory Memory { get; }

    /// <summary>Runs the group to its end.</summary>
    /// <exception cref="InvalidOperationException">Threads wait for each other at different places, or reach outside of memory.</exception>
    public void Run()
    {
        while (true)
        {
            foreach (PtxLane lane in _lanes)
            {
                while (lane.Wait == PtxWait.None)
                {
                    int at = lane.Next++;
                    lane.WaitsAt = at;
                    _program.Steps[at](lane);
                }
            }

            bool shuffled = false;
            foreach (PtxLane[] warp in _lanes.Chunk(WarpSize))
            {
                shuffled |= Shuffle(warp) || Together(warp);
            }

            if (shuffled)
            {
                continue;
            }

            PtxLane[] waiting = [.. _lanes.Where(lane => lane.Wait != PtxWait.Ended)];
            if (waiting.Length == 0)
            {
                return;
            }

            Meet(waiting);
        }
    }

    private void Meet(PtxLane[] waiting)
    {
        if (waiting.Any(lane => lane.Wait != PtxWait.Barrier || lane.WaitsAt != waiting[0].WaitsAt))
        {
            throw new InvalidOperationException($"Threads wait at different places: '{_program.Text(waiting[0].WaitsAt)}' and '{_program.Text(waiting[^1].WaitsAt)}'.");
        }

        ulong votes = (ulong)waiting.Count(lane => lane.Given != 0);
        string text = _program.Text(waiting[0].WaitsAt);
        ulong result = text.Contains(".and.", StringComparison.Ordinal) ? (votes == (ulong)waiting.Length ? 1UL : 0)
            : text.Contains(".or.", StringComparison.Ordinal) ? (votes > 0 ? 1UL : 0) : votes;
        foreach (PtxLane lane in waiting)
        {
            lane.Given = result;
            lane.Wait = PtxWait.None;
        }
    }

    /// <summary>Does the instruction of a whole warp that it waits at; all 32 threads must be there.</summary>
    private bool Together(PtxLane[] warp)
    {
        if (Array.Find(warp, lane => lane.Wait == PtxWait.Warp) is not { } first)
        {
            return false;
        }

        if (warp.Length != WarpSize || warp.Any(lane => lane.Wait != PtxWait.Warp || lane.WaitsAt != first.WaitsAt))
        {
            throw new InvalidOperationException($"Not all threads of a warp come to '{_program.Text(first.WaitsAt)}'.");
        }

        first.Together!(warp);
        foreach (PtxLane lane in warp)
        {
            lane.Wait = PtxWait.None;
        }

        return true;
    }

    /// <summary>Does the shuffle that a warp waits at; all of its threads that have not ended must be there.</summary>
    private bool Shuffle(PtxLane[] warp)
    {
        PtxLane[] live = [.. warp.Where(lane => lane.Wait != PtxWait.Ended)];
        if (live.Length == 0 || live.All(lane => lane.Wait != PtxWait.Shuffle))
        {
            return false;
        }

        if (live.Any(lane => lane.Wait != PtxWait.Shuffle || lane.WaitsAt != live[0].WaitsAt))
        {
            throw new InvalidOperationException($"Threads of a warp part before '{_program.Text(live.First(lane => lane.Wait == PtxWait.Shuffle).WaitsAt)}'.");
        }

        string mode = _program.Text(live[0].WaitsAt).Split('.')[2];
        ulong[] given = [.. warp.Select(lane => lane.Given)];
        foreach (PtxLane lane in live)
        {
            int source = Source(mode, lane.Linear % WarpSize, lane.ShuffleLane, lane.ShuffleClamp);
            lane.Given = source < given.Length ? given[source] : lane.Given;
            lane.Wait = PtxWait.None;
        }

        return true;
    }

    /// <summary>The lane that a shuffle reads, by the definition of <c>shfl.sync</c> in NVIDIA's PTX ISA.</summary>
    private static int Source(string mode, int lane, int operand, int clampAndSegment)
    {
        int clamp = clampAndSegment & 31;
        int segment = (clampAndSegment >> 8) & 31;
        int last = (lane & segment) | (clamp & ~segment);
        int first = lane & segment;
        int source = mode switch
        {
            "up" => lane - (operand & 31),
            "down" => lane + (operand & 31),
            "bfly" => lane ^ (operand & 31),
            _ => first | (operand & 31 & ~segment),
        };
        bool isInside = mode == "up" ? source >= last : source <= last;
        return isInside ? source : lane;
    }
}
