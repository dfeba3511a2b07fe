using Winnow.Contracts.V1;
using Winnow.GpuWorker.Drafting;
using Winnow.GpuWorker.Pipeline;

namespace Winnow.GpuWorker.Engine;

/// <summary>What is loaded on this worker, by replica and shard.</summary>
public sealed class ShardTable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string Replica, int Index), ShardHost> _shards = [];
    private readonly Dictionary<string, DraftHost> _drafts = new(StringComparer.Ordinal);

    /// <summary>A target shard, or <see langword="null"/>.</summary>
    public ShardHost? Find(string replica, int index)
    {
        lock (_gate)
        {
            return _shards.GetValueOrDefault((replica, index));
        }
    }

    /// <summary>The last shard of a replica, or <see langword="null"/>.</summary>
    public ShardHost? FindLast(string replica)
    {
        lock (_gate)
        {
            return _shards.Values.FirstOrDefault(s => s.IsLast && s.Replica == replica);
        }
    }

    /// <summary>A draft model, or <see langword="null"/>.</summary>
    public DraftHost? FindDraft(string replica)
    {
        lock (_gate)
        {
            return _drafts.GetValueOrDefault(replica);
        }
    }

    /// <summary>Adds a target shard.</summary>
    public void Add(ShardHost shard)
    {
        lock (_gate)
        {
            _shards.Add((shard.Replica, shard.Index), shard);
            CountBlocks();
        }
    }

    /// <summary>Adds a draft model.</summary>
    public void Add(DraftHost draft)
    {
        lock (_gate)
        {
            _drafts.Add(draft.Replica, draft);
            CountBlocks();
        }
    }

    /// <summary>Takes a target shard out; <see langword="false"/> when it was not there.</summary>
    public bool Remove(ShardHost shard)
    {
        lock (_gate)
        {
            bool removed = _shards.Remove((shard.Replica, shard.Index));
            CountBlocks();
            return removed;
        }
    }

    /// <summary>Takes a draft model out; <see langword="false"/> when it was not there.</summary>
    public bool Remove(DraftHost draft)
    {
        lock (_gate)
        {
            bool removed = _drafts.Remove(draft.Replica);
            CountBlocks();
            return removed;
        }
    }

    /// <summary>Everything loaded, for the inventory.</summary>
    public IReadOnlyList<LoadedShard> Describe()
    {
        lock (_gate)
        {
            return [.. _shards.Values.Select(s => s.Describe()), .. _drafts.Values.Select(d => d.Describe())];
        }
    }

    private void CountBlocks() => WorkerMetrics.KvBlocks.Set(_shards.Values.Sum(s => s.KvBlocks) + _drafts.Values.Sum(d => d.KvBlocks));
}
