using Winnow.Inference.Cache;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// Full KV blocks of committed tokens, found by the hash of everything up to their end. A hash only leads to a block:
/// it counts as a match when its own tokens and, by identity, every block before it are equal.
/// </summary>
/// <remarks>
/// A sequence publishes a block only after it holds the block before it, and releases its blocks last to first, so a parent is never
/// evicted before its children. Not thread-safe: the coordinator's loop owns it.
/// </remarks>
internal sealed class PrefixCache
{
    private readonly KvBlockAllocator _allocator;
    private readonly int _blockTokens;
    private readonly Dictionary<ulong, PrefixEntry> _byHash = [];
    private readonly PrefixEntry?[] _byBlock;

    /// <summary>Starts empty and follows the allocator's evictions.</summary>
    /// <param name="allocator">Owner of the blocks.</param>
    /// <param name="blockTokens">Tokens per block.</param>
    public PrefixCache(KvBlockAllocator allocator, int blockTokens)
    {
        _allocator = allocator;
        _blockTokens = blockTokens;
        _byBlock = new PrefixEntry?[allocator.BlockCount];
        allocator.Evicted = Remove;
    }

    /// <summary>Blocks in the cache, held ones included.</summary>
    public int Count => _byHash.Count;

    /// <summary>
    /// Finds the longest run of cached blocks that begins <paramref name="tokens"/> and leaves at least its last token uncovered.
    /// Takes no references.
    /// </summary>
    /// <param name="tokens">Prompt and committed tokens.</param>
    /// <param name="blocks">Receives the blocks, first to last.</param>
    /// <returns>The entry of the last block, or <see langword="null"/> when none matches.</returns>
    public PrefixEntry? Match(ReadOnlySpan<int> tokens, List<int> blocks)
    {
        PrefixEntry? last = null;
        ulong hash = PrefixHash.Empty;
        for (int end = _blockTokens; end < tokens.Length; end += _blockTokens)
        {
            ReadOnlySpan<int> own = tokens.Slice(end - _blockTokens, _blockTokens);
            hash = PrefixHash.Append(hash, own);
            if (!_byHash.TryGetValue(hash, out PrefixEntry? entry) || entry.Parent != last || !own.SequenceEqual(entry.Tokens))
            {
                break;
            }
            blocks.Add(entry.Block);
            last = entry;
        }
        return last;
    }

    /// <summary>Publishes a held, full block of committed tokens.</summary>
    /// <param name="parent">Entry of the block before it, or <see langword="null"/> for a sequence's first block.</param>
    /// <param name="tokens">The block's own tokens.</param>
    /// <param name="block">Block id.</param>
    /// <returns>Its entry, or <see langword="null"/> when another block already stands under the same hash.</returns>
    public PrefixEntry? Publish(PrefixEntry? parent, ReadOnlySpan<int> tokens, int block)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(tokens.Length, _blockTokens);
        ulong hash = PrefixHash.Append(parent?.Hash ?? PrefixHash.Empty, tokens);
        if (_byHash.TryGetValue(hash, out PrefixEntry? known) && IsOrphan(known))
        {
            Forget(known.Block);
        }
        if (_byBlock[block] is not null || _byHash.ContainsKey(hash))
        {
            return null;
        }
        var entry = new PrefixEntry(hash, block, parent, tokens.ToArray());
        _allocator.MarkCached(block);
        _byHash.Add(hash, entry);
        _byBlock[block] = entry;
        return entry;
    }

    /// <summary>Takes a block out of the cache, because its contents are no longer trusted.</summary>
    public void Forget(int block)
    {
        Remove(block);
        _allocator.UnmarkCached(block);
    }

    // The block before it was forgotten: no sequence finds it any more.
    private bool IsOrphan(PrefixEntry entry) => entry.Parent is { } parent && _byBlock[parent.Block] != parent;

    private void Remove(int block)
    {
        if (_byBlock[block] is { } entry)
        {
            _byBlock[block] = null;
            _byHash.Remove(entry.Hash);
        }
    }
}
