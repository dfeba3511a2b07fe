using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// The integers that kernels read about a pass: for every row where its keys lie, and how attention's work is cut. Made on the host once per pass,
/// uploaded in one piece; buffers are reused, so that a step allocates nothing. The batch must have been checked against the shard's sizes.
/// </summary>
/// <remarks>
/// Every row has <see cref="RowInts"/> integers. The key at position p of a row lies in the slot <c>data[blocks + p / S] * S + p % S</c> when p is
/// below the row's base, else in <c>data[path + p - base]</c>. Rows that follow each other in a chain share one path; a node of a tree has its own
/// unless it follows its parent. How work is cut never changes a bit of a result, see docs/kernels/attention.md.
/// </remarks>
internal sealed class PassMetadata(PassShape shape)
{
    /// <summary>Integers of a row.</summary>
    public const int RowInts = 8;

    /// <summary>Place of a row's KV slot.</summary>
    public const int RowSlot = 0;

    /// <summary>Place of a row's absolute position.</summary>
    public const int RowPosition = 1;

    /// <summary>Place of the index of the row's block table.</summary>
    public const int RowBlocks = 2;

    /// <summary>Place of the row's base: positions below it are found by the block table.</summary>
    public const int RowBase = 3;

    /// <summary>Place of the index of the slot at position base.</summary>
    public const int RowPath = 4;

    private readonly AttentionList[] _lists = new AttentionList[2 * shape.Windows.Count];
    private readonly IntBuffer _data = new();
    private readonly AttentionCut _cut = new(shape);

    /// <summary>Rows of the pass; their integers come first.</summary>
    public int RowCount { get; private set; }

    /// <summary>Rows that the sampler needs.</summary>
    public int OutputCount { get; private set; }

    /// <summary>Index of the first of the rows that the sampler needs, in order.</summary>
    public int OutputRows { get; private set; }

    /// <summary>Index of the first row's token; the others follow.</summary>
    public int Tokens { get; private set; }

    /// <summary>Everything; valid until the next pass.</summary>
    public ReadOnlySpan<int> Data => _data.Span;

    /// <summary>What the attention work of a layer is.</summary>
    /// <param name="window">The layer's window; 0 for none.</param>
    /// <param name="onlyOutputs">Only rows that the sampler needs; results then lie without gaps.</param>
    /// <exception cref="ArgumentException">No layer of the shard has this window.</exception>
    public AttentionList List(int window, bool onlyOutputs)
    {
        for (int i = 0; i < shape.Windows.Count; i++)
        {
            if (shape.Windows[i] == window)
            {
                return _lists[(2 * i) + (onlyOutputs ? 1 : 0)];
            }
        }
        throw new ArgumentException($"No work was cut for window '{window}'; the shard's layers have {string.Join(", ", shape.Windows)}.", nameof(window));
    }

    /// <summary>Takes a checked batch.</summary>
    public void Build(ForwardBatch batch)
    {
        RowCount = batch.RowCount;
        _data.Clear();
        _data.Reserve(RowCount * RowInts);
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            AddRows(batch[i]);
        }
        OutputRows = _data.Count;
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            for (int row = batch[i].FirstOutputRow; row < batch[i].RowCount; row++)
            {
                _data.Append(batch[i].FirstRow + row);
            }
        }
        OutputCount = _data.Count - OutputRows;
        Tokens = _data.Count;
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            _data.Append(batch[i].Tokens);
        }
        for (int i = 0; i < shape.Windows.Count; i++)
        {
            _lists[2 * i] = _cut.Run(batch, _data, shape.Windows[i], onlyOutputs: false);
            _lists[(2 * i) + 1] = _cut.Run(batch, _data, shape.Windows[i], onlyOutputs: true);
        }
    }

    private void AddRows(ForwardSequence sequence)
    {
        int blocks = _data.Count;
        _data.Append(sequence.Blocks);
        for (int row = 0; row < sequence.RowCount; row++)
        {
            int path = PathOf(sequence, row);
            Span<int> record = _data.Span.Slice((sequence.FirstRow + row) * RowInts, RowInts);
            record.Clear();
            record[RowSlot] = sequence.KvSlots[row];
            record[RowPosition] = sequence.BaseLength + sequence.Depths[row];
            record[RowBlocks] = blocks;
            record[RowBase] = sequence.BaseLength;
            record[RowPath] = path;
        }
    }

    // Lengthens the parent's path where that is the last thing written, else makes a new one.
    private int PathOf(ForwardSequence sequence, int row)
    {
        int parent = sequence.Parents[row];
        int depth = sequence.Depths[row];
        int parentPath = parent < 0 ? 0 : _data.Span[((sequence.FirstRow + parent) * RowInts) + RowPath];
        if (parent >= 0 && parentPath + depth == _data.Count)
        {
            _data.Append(sequence.KvSlots[row]);
            return parentPath;
        }
        int path = _data.Reserve(depth + 1);
        Span<int> data = _data.Span;
        data[path + depth] = sequence.KvSlots[row];
        if (parent >= 0)
        {
            data.Slice(parentPath, depth).CopyTo(data[path..]);
            return path;
        }
        for (int node = parent == -1 ? -1 : EarlierNode.IndexOf(parent); node >= 0; node = sequence.Earlier[node].Parent)
        {
            data[path + sequence.Earlier[node].Depth] = sequence.Earlier[node].KvSlot;
        }
        return path;
    }
}
