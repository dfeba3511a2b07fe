using System.Runtime.InteropServices;

namespace Winnow.Inference.Graph;

/// <summary>
/// One ragged forward pass: rows of prefill chunks, decodes and draft trees side by side, described per sequence.
/// Filled by the execution layer, read by a shard; reused from step to step.
/// </summary>
public sealed class ForwardBatch
{
    private readonly List<ForwardSequence> _sequences = [];
    private int _count;

    /// <summary>Hidden states to keep for a trained head, or <see langword="null"/>; only shards that <see cref="IShard.KeepsFeatures"/> keep them.</summary>
    public FeatureRows? Features { get; set; }

    /// <summary>Rows of all sequences.</summary>
    public int RowCount { get; private set; }

    /// <summary>Sequences in row order.</summary>
    public int SequenceCount => _count;

    /// <summary>The sequence at <paramref name="index"/>.</summary>
    public ForwardSequence this[int index] => index < _count ? _sequences[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Empties the batch; keeps its buffers.</summary>
    public void Clear()
    {
        _count = 0;
        RowCount = 0;
    }

    /// <summary>Adds a sequence's rows as another batch has them; nodes of earlier passes are not taken over.</summary>
    public ForwardSequence AddCopy(ForwardSequence other)
    {
        ArgumentNullException.ThrowIfNull(other);
        ForwardSequence sequence = Add(other.RowCount);
        sequence.BaseLength = other.BaseLength;
        sequence.FirstOutputRow = other.FirstOutputRow;
        sequence.SetBlocks(other.Blocks);
        other.Tokens.CopyTo(sequence.Tokens);
        other.Parents.CopyTo(sequence.Parents);
        other.Depths.CopyTo(sequence.Depths);
        other.KvSlots.CopyTo(sequence.KvSlots);
        return sequence;
    }

    /// <summary>Adds a sequence and answers with it for filling; its rows follow those already there.</summary>
    /// <param name="rows">Rows of this sequence, at least 1.</param>
    public ForwardSequence Add(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        if (_count == _sequences.Count)
        {
            _sequences.Add(new ForwardSequence());
        }
        ForwardSequence sequence = _sequences[_count++];
        sequence.Reset(RowCount, rows);
        RowCount += rows;
        return sequence;
    }
}

/// <summary>One sequence's rows in a <see cref="ForwardBatch"/>.</summary>
/// <remarks>
/// A row's absolute position is <see cref="BaseLength"/> plus its depth, where a row without parent has depth 0 and any other row
/// its parent's depth plus 1. A row attends to every key before <see cref="BaseLength"/> and to its own ancestors and itself,
/// ordered by absolute position. Its key and value are stored in <see cref="KvSlots"/>. Ancestors that an earlier pass has computed are no rows again:
/// they are named in <see cref="Earlier"/>.
/// </remarks>
public sealed class ForwardSequence
{
    private int[] _tokens = [];
    private int[] _parents = [];
    private int[] _depths = [];
    private int[] _kvSlots = [];
    private int[] _blocks = [];
    private readonly List<EarlierNode> _earlier = [];

    /// <summary>Index of the first row in the batch.</summary>
    public int FirstRow { get; private set; }

    /// <summary>Rows of this sequence.</summary>
    public int RowCount { get; private set; }

    /// <summary>Tokens whose keys and values precede the first row.</summary>
    public int BaseLength { get; set; }

    /// <summary>Token ids, one per row.</summary>
    public Span<int> Tokens => _tokens.AsSpan(0, RowCount);

    /// <summary>
    /// Row-local parent of every row; -1 for the first row of a chain or tree; <see cref="EarlierNode.AsParent"/> of a node in <see cref="Earlier"/>. A parent
    /// precedes its children.
    /// </summary>
    public Span<int> Parents => _parents.AsSpan(0, RowCount);

    /// <summary>Depth of every row: 0 at the root, parent's depth plus 1 below.</summary>
    public Span<int> Depths => _depths.AsSpan(0, RowCount);

    /// <summary>Nodes of the sequence's tree whose keys and values were stored by earlier passes with the same base length.</summary>
    public ReadOnlySpan<EarlierNode> Earlier => CollectionsMarshal.AsSpan(_earlier);

    /// <summary>Physical KV row (block id times block size plus offset) where each row's key and value are written.</summary>
    public Span<int> KvSlots => _kvSlots.AsSpan(0, RowCount);

    /// <summary>Block table: physical block of every <c>block size</c> positions from position 0.</summary>
    public ReadOnlySpan<int> Blocks => _blocks.AsSpan(0, BlockCount);

    /// <summary>Blocks in the table.</summary>
    public int BlockCount { get; private set; }

    /// <summary>First row whose output is needed by the sampler; <see cref="RowCount"/> when none is.</summary>
    public int FirstOutputRow { get; set; }

    /// <summary>Copies the block table in.</summary>
    public void SetBlocks(ReadOnlySpan<int> blocks)
    {
        if (_blocks.Length < blocks.Length)
        {
            _blocks = new int[Math.Max(blocks.Length, 2 * _blocks.Length)];
        }
        blocks.CopyTo(_blocks);
        BlockCount = blocks.Length;
    }

    /// <summary>Names a node that an earlier pass has computed.</summary>
    /// <param name="kvSlot">Where its key and value lie.</param>
    /// <param name="parent">Index of its parent in <see cref="Earlier"/>, or -1.</param>
    public void AddEarlier(int kvSlot, int parent) => _earlier.Add(new EarlierNode(kvSlot, parent, parent < 0 ? 0 : _earlier[parent].Depth + 1));

    internal void Reset(int firstRow, int rows)
    {
        if (_tokens.Length < rows)
        {
            int size = Math.Max(rows, 2 * _tokens.Length);
            _tokens = new int[size];
            _parents = new int[size];
            _depths = new int[size];
            _kvSlots = new int[size];
        }
        FirstRow = firstRow;
        RowCount = rows;
        BaseLength = 0;
        BlockCount = 0;
        FirstOutputRow = rows;
        _earlier.Clear();
    }
}

/// <summary>A node of a tree that an earlier pass has computed.</summary>
/// <param name="KvSlot">Physical KV row.</param>
/// <param name="Parent">Index of its parent among the earlier nodes, or -1.</param>
/// <param name="Depth">0 below the base, parent's depth plus 1 further down.</param>
public readonly record struct EarlierNode(int KvSlot, int Parent, int Depth)
{
    /// <summary>How a row names the node at an index as its parent.</summary>
    public static int AsParent(int index) => -2 - index;

    /// <summary>The index that a row's parent below -1 stands for.</summary>
    public static int IndexOf(int parent) => -2 - parent;
}
