using System.Diagnostics;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Owns the ids of a replica's KV blocks, the same on every shard. A block is free, held (by one or more sequences), or idle:
/// held by nobody but still in the prefix cache, and taken back, least recently used first, when no free block is left.
/// </summary>
/// <remarks>Not thread-safe: the coordinator's loop owns it.</remarks>
internal sealed class KvBlockAllocator
{
    private readonly int[] _references;
    private readonly bool[] _cached;
    private readonly int[] _free;
    private readonly int[] _previous;
    private readonly int[] _next;
    private readonly int _sentinel;
    private int _freeCount;

    /// <summary>Starts with every block free.</summary>
    /// <param name="blockCount">Blocks in the KV cache, at least 1.</param>
    public KvBlockAllocator(int blockCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(blockCount, 1);
        _references = new int[blockCount];
        _cached = new bool[blockCount];
        _free = new int[blockCount];
        _previous = new int[blockCount + 1];
        _next = new int[blockCount + 1];
        _sentinel = blockCount;
        _previous[_sentinel] = _next[_sentinel] = _sentinel;
        for (int block = blockCount - 1; block >= 0; block--)
        {
            _free[_freeCount++] = block;
        }
    }

    /// <summary>Called with a block that leaves the prefix cache because its memory is needed.</summary>
    public Action<int>? Evicted { get; set; }

    /// <summary>Blocks in all.</summary>
    public int BlockCount => _references.Length;

    /// <summary>Blocks with nothing in them.</summary>
    public int FreeCount => _freeCount;

    /// <summary>Blocks held by nobody but still in the prefix cache.</summary>
    public int IdleCount { get; private set; }

    /// <summary>Blocks that can be allocated now.</summary>
    public int Available => _freeCount + IdleCount;

    /// <summary>Holders of a block.</summary>
    public int References(int block) => _references[block];

    /// <summary>Whether a block is in the prefix cache.</summary>
    public bool IsCached(int block) => _cached[block];

    /// <summary>Takes <paramref name="count"/> blocks and appends them to <paramref name="blocks"/>; takes none when there are too few.</summary>
    public bool TryAllocate(int count, List<int> blocks)
    {
        if (count > Available)
        {
            return false;
        }
        for (int i = 0; i < count; i++)
        {
            int block = _freeCount > 0 ? _free[--_freeCount] : EvictOldest();
            Debug.Assert(_references[block] == 0 && !_cached[block], "an allocated block is free");
            _references[block] = 1;
            blocks.Add(block);
        }
        return true;
    }

    /// <summary>Adds a holder to a block that is held or idle.</summary>
    /// <exception cref="InvalidOperationException">The block is free.</exception>
    public void AddReference(int block)
    {
        if (_references[block] == 0)
        {
            if (!_cached[block])
            {
                throw new InvalidOperationException($"Block '{block}' is free and cannot be shared; only held and cached blocks can.");
            }
            Unlink(block);
        }
        _references[block]++;
    }

    /// <summary>Removes a holder; without holders a cached block becomes idle and any other free.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds the block.</exception>
    public void Release(int block)
    {
        if (_references[block] == 0)
        {
            throw new InvalidOperationException($"Block '{block}' is held by nobody and cannot be released.");
        }
        if (--_references[block] > 0)
        {
            return;
        }
        if (_cached[block])
        {
            LinkNewest(block);
        }
        else
        {
            _free[_freeCount++] = block;
        }
    }

    /// <summary>Marks a held block as being in the prefix cache.</summary>
    /// <exception cref="InvalidOperationException">Nobody holds the block.</exception>
    public void MarkCached(int block)
    {
        if (_references[block] == 0)
        {
            throw new InvalidOperationException($"Block '{block}' is held by nobody; only a held block can enter the prefix cache.");
        }
        _cached[block] = true;
    }

    /// <summary>Marks a block as no longer in the prefix cache; an idle one becomes free.</summary>
    public void UnmarkCached(int block)
    {
        if (_cached[block] && _references[block] == 0)
        {
            Unlink(block);
            _free[_freeCount++] = block;
        }
        _cached[block] = false;
    }

    private int EvictOldest()
    {
        int block = _next[_sentinel];
        Unlink(block);
        _cached[block] = false;
        Evicted?.Invoke(block);
        return block;
    }

    private void LinkNewest(int block)
    {
        int last = _previous[_sentinel];
        _next[last] = block;
        _previous[block] = last;
        _next[block] = _sentinel;
        _previous[_sentinel] = block;
        IdleCount++;
    }

    private void Unlink(int block)
    {
        _next[_previous[block]] = _next[block];
        _previous[_next[block]] = _previous[block];
        IdleCount--;
    }
}
