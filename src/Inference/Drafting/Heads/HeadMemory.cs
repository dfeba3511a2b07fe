using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting.Heads;

/// <summary>
/// A head's keys and values, float32: those of committed tokens under the target's block ids, so that shared blocks are shared here too, and those of the
/// guesses that a round makes. Computes attention over both.
/// </summary>
internal sealed unsafe class HeadMemory : IDisposable
{
    private readonly HeadConfiguration _head;
    private readonly int _blockTokens;
    private readonly int _width;
    private readonly NativeBuffer _keys;
    private readonly NativeBuffer _values;
    private float[] _guesses = [];
    private float[] _scores = [];
    private int _rows;

    /// <summary>Reserves room; pages that are never touched cost nothing.</summary>
    public HeadMemory(HeadConfiguration head, ShardSpec spec)
    {
        _head = head;
        _blockTokens = spec.BlockTokens;
        _width = head.KvHeads * head.HeadSize;
        long bytes = head.KvBytes((long)spec.BlockCount * spec.BlockTokens) / 2;
        _keys = new NativeBuffer(bytes);
        _values = new NativeBuffer(bytes);
    }

    /// <summary>Bytes reserved.</summary>
    public long Bytes => _keys.Bytes + _values.Bytes;

    /// <summary>Whether a block table reaches a position.</summary>
    public bool Reaches(ReadOnlySpan<int> blocks, int position) => position / _blockTokens < blocks.Length;

    /// <summary>Stores a committed token's key and value.</summary>
    public void Store(ReadOnlySpan<int> blocks, int position, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        key.CopyTo(RowOf(_keys, blocks, position));
        value.CopyTo(RowOf(_values, blocks, position));
    }

    /// <summary>Copies a block, as the target's cache does.</summary>
    public void CopyBlock(int source, int destination)
    {
        int floats = _blockTokens * _width;
        foreach (NativeBuffer buffer in (ReadOnlySpan<NativeBuffer>)[_keys, _values])
        {
            Span<float> all = new((float*)buffer.Pointer + ((long)source * floats), floats);
            all.CopyTo(new Span<float>((float*)buffer.Pointer + ((long)destination * floats), floats));
        }
    }

    /// <summary>Makes room for the guesses of a round.</summary>
    public void BeginGuesses(int sequences, int rows)
    {
        _rows = rows;
        int floats = sequences * rows * 2 * _width;
        if (_guesses.Length < floats)
        {
            _guesses = new float[floats];
        }
    }

    /// <summary>Stores the key and value of a guess.</summary>
    public void StoreGuess(int sequence, int row, ReadOnlySpan<float> key, ReadOnlySpan<float> value)
    {
        key.CopyTo(GuessOf(sequence, row, isValue: false));
        value.CopyTo(GuessOf(sequence, row, isValue: true));
    }

    /// <summary>Attention of one row over the committed tokens and its own guesses; the result takes the queries' place.</summary>
    /// <param name="queries">Queries of all heads.</param>
    /// <param name="blocks">The sequence's block table.</param>
    /// <param name="committed">Committed tokens to attend to.</param>
    /// <param name="sequence">The sequence in this round.</param>
    /// <param name="path">Which of its guesses the row follows, itself with them, the first one first.</param>
    public void Attend(Span<float> queries, ReadOnlySpan<int> blocks, int committed, int sequence, ReadOnlySpan<int> path)
    {
        int size = _head.HeadSize;
        int group = _head.Heads / _head.KvHeads;
        int length = committed + path.Length;
        if (_scores.Length < length)
        {
            _scores = new float[Math.Max(length, 2 * _scores.Length)];
        }
        Span<float> scores = _scores.AsSpan(0, length);
        float scale = 1 / MathF.Sqrt(size);
        for (int head = 0; head < _head.Heads; head++)
        {
            Span<float> query = queries.Slice(head * size, size);
            int offset = head / group * size;
            float largest = float.NegativeInfinity;
            for (int at = 0; at < length; at++)
            {
                ReadOnlySpan<float> key = at < committed ? RowOf(_keys, blocks, at) : GuessOf(sequence, path[at - committed], isValue: false);
                scores[at] = VectorMath.Dot(query, key.Slice(offset, size)) * scale;
                largest = Math.Max(largest, scores[at]);
            }
            float sum = 0;
            for (int at = 0; at < length; at++)
            {
                sum += scores[at] = MathF.Exp(scores[at] - largest);
            }
            query.Clear();
            for (int at = 0; at < length; at++)
            {
                ReadOnlySpan<float> value = at < committed ? RowOf(_values, blocks, at) : GuessOf(sequence, path[at - committed], isValue: true);
                VectorMath.Add(query, value.Slice(offset, size), scores[at] / sum);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
    }

    private Span<float> RowOf(NativeBuffer buffer, ReadOnlySpan<int> blocks, int position)
    {
        long row = ((long)blocks[position / _blockTokens] * _blockTokens) + (position % _blockTokens);
        return new Span<float>((float*)buffer.Pointer + (row * _width), _width);
    }

    private Span<float> GuessOf(int sequence, int row, bool isValue) =>
        _guesses.AsSpan(((((sequence * _rows) + row) * 2) + (isValue ? 1 : 0)) * _width, _width);
}
