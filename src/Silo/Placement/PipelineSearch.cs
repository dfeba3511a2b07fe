using System.Numerics;

namespace Winnow.Silo.Placement;

/// <summary>
/// Finds the workers of a pipeline, their order and their layers: the slowest shard is as fast as it can be, and among pipelines within
/// <see cref="Slack"/> of that the way from worker to worker is shortest.
/// </summary>
/// <remarks>
/// Exact for at most <see cref="MostWorkers"/> workers. For a bound on the slowest shard, where a set of workers can end follows from the sets with one worker fewer; the least
/// bound is found by bisection over the costs that occur. To cover more is not always better: the next worker may have no room for the one layer that comes then, so all ends are kept.
/// The shortest way keeps, for every set and last worker, runs of ends and the way so far, without those that are worse in both.
/// O(2^n n L log(n L^2)) for the bound, and as much times a few for the way: milliseconds to some hundreds of them.
/// </remarks>
internal sealed class PipelineSearch
{
    /// <summary>Workers that are searched exactly.</summary>
    public const int MostWorkers = 12;

    /// <summary>A slowest shard so much slower counts as equally fast.</summary>
    public const double Slack = 1.05;

    private readonly int _layers;
    private readonly int _shards;
    private readonly int _workers;
    private readonly Func<int, LayerRange, double> _cost;
    private readonly Func<int, int, double> _hop;
    private readonly int[,] _reach;

    /// <summary>Prepares a search.</summary>
    /// <param name="layers">Layers to cover.</param>
    /// <param name="shards">Workers to use, each for one range; at most <paramref name="workers"/> and <paramref name="layers"/>.</param>
    /// <param name="workers">Workers there are, at most <see cref="MostWorkers"/>; among equals the first are preferred.</param>
    /// <param name="cost">Cost of a range on a worker, infinite where it does not fit; never less for a longer range.</param>
    /// <param name="hop">Cost of the way from one worker to another.</param>
    public PipelineSearch(int layers, int shards, int workers, Func<int, LayerRange, double> cost, Func<int, int, double> hop)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(workers, MostWorkers);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(shards, Math.Min(workers, layers));
        (_layers, _shards, _workers, _cost, _hop) = (layers, shards, workers, cost, hop);
        _reach = new int[workers, layers];
    }

    /// <summary>Worker and layers of every shard in pipeline order, or <see langword="null"/> when no pipeline fits.</summary>
    public IReadOnlyList<(int Worker, LayerRange Layers)>? Find()
    {
        if (LeastBound() is not { } bound)
        {
            return null;
        }
        int[] order = ShortestOrder(bound * Slack) ?? throw new InvalidOperationException("A bound that can be kept has no pipeline.");
        IReadOnlyList<LayerRange> cut = LayerSplit.Cut(_layers, _shards, (shard, range) => _cost(order[shard], range))!;
        return [.. order.Zip(cut)];
    }

    private double? LeastBound()
    {
        double[] costs = [.. Costs().Distinct().Order()];
        int low = 0;
        int high = costs.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = CanKeep(costs[middle]) ? (low, middle) : (middle + 1, high);
        }
        return low == costs.Length ? null : costs[low];
    }

    private IEnumerable<double> Costs()
    {
        for (int worker = 0; worker < _workers; worker++)
        {
            for (int first = 0; first < _layers; first++)
            {
                for (int last = first + 1; last <= _layers; last++)
                {
                    double cost = _cost(worker, new LayerRange(first, last));
                    if (double.IsPositiveInfinity(cost))
                    {
                        break;
                    }
                    yield return cost;
                }
            }
        }
    }

    /// <summary>Whether some pipeline has no shard slower than a bound.</summary>
    private bool CanKeep(double bound)
    {
        SetReach(bound);
        var ends = new bool[1 << _workers, _layers + 1];
        ends[0, 0] = true;
        for (int set = 1; set < 1 << _workers; set++)
        {
            int used = BitOperations.PopCount((uint)set);
            for (int worker = 0; used <= _shards && worker < _workers; worker++)
            {
                if ((set & (1 << worker)) != 0)
                {
                    AddEnds(ends, set, worker, used);
                }
            }
            if (used == _shards && ends[set, _layers])
            {
                return true;
            }
        }
        return false;
    }

    private void AddEnds(bool[,] ends, int set, int worker, int used)
    {
        int before = set & ~(1 << worker);
        int added = 0;
        for (int first = 0; first < _layers; first++)
        {
            if (ends[before, first] && Ends(worker, first, used) is { Count: > 0 } range)
            {
                for (added = Math.Max(added, range.First); added <= range.Last; added++)
                {
                    ends[set, added] = true;
                }
            }
        }
    }

    /// <summary>The last layer that every worker reaches within a bound from every first one.</summary>
    private void SetReach(double bound)
    {
        for (int worker = 0; worker < _workers; worker++)
        {
            int end = 0;
            for (int first = 0; first < _layers; first++)
            {
                end = Math.Max(end, first);
                while (end < _layers && _cost(worker, new LayerRange(first, end + 1)) <= bound)
                {
                    end++;
                }
                _reach[worker, first] = end;
            }
        }
    }

    /// <summary>Where a worker's range may end that begins at a layer and is the n-th. Those that follow need a layer each, and only the last has the last.</summary>
    private EndRange Ends(int worker, int first, int used)
    {
        int last = Math.Min(_reach[worker, first], _layers - (_shards - used));
        return new EndRange(used == _shards ? Math.Max(first + 1, _layers) : first + 1, last);
    }

    private int[]? ShortestOrder(double bound)
    {
        SetReach(bound);
        var states = new List<Step>?[1 << _workers, _workers];
        for (int worker = 0; worker < _workers; worker++)
        {
            if (Ends(worker, 0, 1) is { Count: > 0 } ends)
            {
                states[1 << worker, worker] = [new Step(worker, ends, 0, null)];
            }
        }
        Step? best = null;
        for (int set = 1; set < 1 << _workers; set++)
        {
            int used = BitOperations.PopCount((uint)set);
            for (int last = _workers - 1; used <= _shards && last >= 0; last--)
            {
                foreach (Step step in states[set, last] ?? [])
                {
                    if (used == _shards)
                    {
                        best = best is null || step.Way < best.Way ? step : best;
                    }
                    else
                    {
                        Extend(states, set, used, step);
                    }
                }
            }
        }
        return best?.Order();
    }

    private void Extend(List<Step>?[,] states, int set, int used, Step step)
    {
        for (int next = 0; next < _workers; next++)
        {
            if ((set & (1 << next)) == 0)
            {
                AddRuns(states[set | (1 << next), next] ??= [], next, used + 1, step);
            }
        }
    }

    /// <summary>Adds the runs of ends that a worker reaches from those of the one before it.</summary>
    private void AddRuns(List<Step> steps, int worker, int used, Step before)
    {
        double way = before.Way + _hop(before.Worker, worker);
        EndRange run = default;
        for (int first = before.Ends.First; first <= before.Ends.Last && first < _layers; first++)
        {
            EndRange ends = Ends(worker, first, used);
            if (ends.Count > 0 && run.Count > 0 && ends.First <= run.Last + 1)
            {
                run = run with { Last = Math.Max(run.Last, ends.Last) };
            }
            else if (ends.Count > 0)
            {
                Add(steps, new Step(worker, run, way, before));
                run = ends;
            }
        }
        Add(steps, new Step(worker, run, way, before));
    }

    /// <summary>Keeps a way unless another ends wherever it does and is as short; drops those that it outdoes.</summary>
    private static void Add(List<Step> steps, Step step)
    {
        if (step.Ends.Count == 0 || steps.Exists(other => other.Ends.Covers(step.Ends) && other.Way <= step.Way))
        {
            return;
        }
        steps.RemoveAll(other => step.Ends.Covers(other.Ends) && other.Way >= step.Way);
        steps.Add(step);
    }

    /// <summary>Where a range may end, exclusive layers, from the first to the last of them.</summary>
    private readonly record struct EndRange(int First, int Last)
    {
        // The default holds none: no range ends at 0.
        public int Count => First == 0 ? 0 : Math.Max(0, Last - First + 1);

        public bool Covers(EndRange other) => First <= other.First && Last >= other.Last;
    }

    /// <summary>A pipeline up to a worker.</summary>
    private sealed record Step(int Worker, EndRange Ends, double Way, Step? Before)
    {
        public int[] Order()
        {
            List<int> order = [];
            for (Step? step = this; step is not null; step = step.Before)
            {
                order.Add(step.Worker);
            }
            order.Reverse();
            return [.. order];
        }
    }
}
