using System.Numerics;

namespace Winnow.Silo.Placement;

/// <summary>
/// Finds the workers of a pipeline, their order and their layers: the slowest shard is as fast as it can be, and among pipelines within
/// <see cref="Slack"/> of that the way from worker to worker is shortest.
/// </summary>
/// <remarks>
/// Exact for at most <see cref="MostWorkers"/> workers. For a bound on the slowest shard, how many layers a set of workers covers at most follows from the
/// sets with one worker fewer, since whoever begins later never ends earlier; the least bound is found by bisection over the costs that occur. The
/// shortest way keeps, for every set and last worker, the layers covered and the way so far, without those that are worse in both.
/// O(2^n n log(n L^2)) for the bound, and as much times a few for the way: milliseconds to some tens of them.
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
        Span<int> covered = new int[1 << _workers];
        covered.Fill(-1);
        covered[0] = 0;
        for (int set = 1; set < covered.Length; set++)
        {
            int used = BitOperations.PopCount((uint)set);
            for (int worker = 0; used <= _shards && worker < _workers; worker++)
            {
                int before = (set & (1 << worker)) == 0 ? -1 : covered[set & ~(1 << worker)];
                covered[set] = Math.Max(covered[set], before < 0 ? -1 : End(worker, before, used));
            }
            if (used == _shards && covered[set] == _layers)
            {
                return true;
            }
        }
        return false;
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

    /// <summary>Where a worker's range ends that begins at a layer and is the n-th; -1 when there is none. Those that follow need a layer each, and only the last has the last.</summary>
    private int End(int worker, int first, int used)
    {
        if (first >= _layers)
        {
            return -1;
        }
        int end = Math.Min(_reach[worker, first], _layers - (_shards - used));
        return end > first && (used < _shards || end == _layers) ? end : -1;
    }

    private int[]? ShortestOrder(double bound)
    {
        SetReach(bound);
        var states = new List<Step>?[1 << _workers, _workers];
        for (int worker = 0; worker < _workers; worker++)
        {
            if (End(worker, 0, 1) is > 0 and int end)
            {
                states[1 << worker, worker] = [new Step(worker, end, 0, null)];
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
            if ((set & (1 << next)) == 0 && End(next, step.End, used + 1) is > 0 and int end)
            {
                Add(states[set | (1 << next), next] ??= [], new Step(next, end, step.Way + _hop(step.Worker, next), step));
            }
        }
    }

    /// <summary>Keeps a way unless another covers as much and is as short; drops those that it outdoes.</summary>
    private static void Add(List<Step> steps, Step step)
    {
        if (steps.Exists(other => other.End >= step.End && other.Way <= step.Way))
        {
            return;
        }
        steps.RemoveAll(other => other.End <= step.End && other.Way >= step.Way);
        steps.Add(step);
    }

    /// <summary>A pipeline up to a worker.</summary>
    private sealed record Step(int Worker, int End, double Way, Step? Before)
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
