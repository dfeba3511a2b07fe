using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Tests.Common;

/// <summary>
/// A shard without a model: logits are a pseudo-random function of the tokens before. It stores (token, position) in every KV
/// row that it is told to write and throws as soon as the keys that a row would read are not exactly that row's prefix.
/// </summary>
public sealed class FakeShard : IShard
{
    /// <summary>Width of a hidden state: four 16-bit pieces of the prefix hash, exact in float32.</summary>
    public const int Width = 4;

    private readonly (int Token, int Position)[] _kv;
    private readonly uint _model;
    private readonly Queue<float[]> _started = [];

    /// <param name="spec">Sizes; the width must be <see cref="Width"/>.</param>
    /// <param name="model">Two shards with the same number have the same logits.</param>
    public FakeShard(ShardSpec spec, uint model = 1)
    {
        Spec = spec;
        _model = model;
        _kv = new (int, int)[(spec.BlockCount * spec.BlockTokens) + spec.ScratchTokens];
        Array.Fill(_kv, (-1, -1));
    }

    /// <inheritdoc/>
    public ShardSpec Spec { get; }

    /// <inheritdoc/>
    public string Numerics => $"fake-{_model}";

    /// <inheritdoc/>
    public long WeightBytes => 0;

    /// <inheritdoc/>
    public long KvBytes => 8L * _kv.Length;

    /// <summary>Rows run so far.</summary>
    public int RowsRun { get; private set; }

    /// <summary>Forward passes so far.</summary>
    public int Passes { get; private set; }

    /// <inheritdoc/>
    public bool PassesOverlap { get; init; }

    /// <summary>The most passes that were started and not finished.</summary>
    public int MostUnderWay { get; private set; }

    /// <summary>Called at the start of every pass; a test throws from it to let the pass fail.</summary>
    public Action? OnForward { get; set; }

    /// <summary>Makes the logits after a prefix NaN.</summary>
    public Func<ulong, bool>? NanAfter { get; set; }

    /// <summary>Sizes for tests: 50 tokens, blocks of 4.</summary>
    public static ShardSpec Shape(int shard = 0, int shards = 1, int blocks = 64, int scratch = 24, int context = 96, int vocabulary = 50) => new()
    {
        FirstLayer = shard,
        LastLayer = shard + 1,
        ModelLayers = shards,
        ModelSize = Width,
        VocabularySize = vocabulary,
        BlockTokens = 4,
        BlockCount = blocks,
        ScratchTokens = scratch,
        ContextTokens = context,
    };

    /// <summary>The logits after a prefix: a few likely tokens and a tail.</summary>
    public static void Logits(ulong prefix, uint model, Span<float> logits)
    {
        for (int token = 0; token < logits.Length; token++)
        {
            uint common = (uint)(PrefixHash.Append(prefix, token) >> 40);
            uint own = (uint)(PrefixHash.Append(prefix ^ (model * 0x9E3779B97F4A7C15), token) >> 40);
            float x = common / 16777216f;
            logits[token] = (8 * x * x * x * x) + (model == 1 ? 0 : own / 16777216f);
        }
    }

    /// <inheritdoc/>
    public void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation)
    {
        OnForward?.Invoke();
        cancellation.ThrowIfCancellationRequested();
        Passes++;
        RowsRun += batch.RowCount;
        Assert(input.Length == (Spec.HasEmbedding ? 0 : output.Length), "input has one hidden state per row");
        for (int index = 0; index < batch.SequenceCount; index++)
        {
            ForwardSequence sequence = batch[index];
            for (int row = 0; row < sequence.RowCount; row++)
            {
                int start = (sequence.FirstRow + row) * Width;
                ulong? before = Spec.HasEmbedding ? null : Decode(input.Slice(start, Width));
                ulong hash = RunRow(sequence, row);
                Assert(before is null || before == hash, "the hidden state belongs to the row");
                bool needed = !Spec.HasHead || row >= sequence.FirstOutputRow;
                Encode(needed ? hash : 0, output.Slice(start, Width));
            }
        }
    }

    /// <inheritdoc/>
    public void StartForward(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation)
    {
        Assert(PassesOverlap && _started.Count < 2, "at most two passes are under way");
        float[] output = new float[batch.RowCount * Width];
        Forward(batch, input, output, cancellation);
        _started.Enqueue(output);
        MostUnderWay = Math.Max(MostUnderWay, _started.Count);
    }

    /// <inheritdoc/>
    public void FinishForward(Span<float> output) => _started.Dequeue().CopyTo(output);

    /// <inheritdoc/>
    public void ComputeLogits(ReadOnlySpan<float> hidden, int rows, Span<float> logits)
    {
        Assert(Spec.HasHead && hidden.Length == rows * Width && logits.Length == rows * Spec.VocabularySize, "the head gets matching sizes");
        for (int row = 0; row < rows; row++)
        {
            ulong hash = Decode(hidden.Slice(row * Width, Width));
            Assert(hash != 0, "logits are asked for output rows only");
            Span<float> target = logits.Slice(row * Spec.VocabularySize, Spec.VocabularySize);
            Logits(hash, _model, target);
            if (NanAfter?.Invoke(hash) == true)
            {
                target[7] = float.NaN;
            }
        }
    }

    /// <inheritdoc/>
    public void CopyBlock(int source, int destination) =>
        _kv.AsSpan(source * Spec.BlockTokens, Spec.BlockTokens).CopyTo(_kv.AsSpan(destination * Spec.BlockTokens, Spec.BlockTokens));

    /// <inheritdoc/>
    public void CopyRow(int sourceSlot, int destinationSlot) => _kv[destinationSlot] = _kv[sourceSlot];

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    /// <summary>Writes the row's key, then reads the keys it attends to, which must be its prefix in order.</summary>
    private ulong RunRow(ForwardSequence sequence, int row)
    {
        int position = sequence.BaseLength + sequence.Depths[row];
        int physical = sequence.KvSlots[row];
        Assert(position < Spec.ContextTokens && physical < _kv.Length, "positions and KV rows are in range");
        Assert(sequence.Parents[row] < row && sequence.Tokens[row] < Spec.VocabularySize, "parents precede, tokens are in range");
        _kv[physical] = (sequence.Tokens[row], position);

        ulong hash = PrefixHash.Empty;
        for (int i = 0; i < sequence.BaseLength; i++)
        {
            hash = PrefixHash.Append(hash, Read((sequence.Blocks[i / Spec.BlockTokens] * Spec.BlockTokens) + (i % Spec.BlockTokens), i));
        }
        Stack<int> ancestors = new();
        int top = row;
        for (; top >= 0; top = sequence.Parents[top])
        {
            ancestors.Push(top);
        }
        Stack<EarlierNode> earlier = new();
        for (int node = EarlierNode.IndexOf(top); node >= 0; node = sequence.Earlier[node].Parent)
        {
            earlier.Push(sequence.Earlier[node]);
        }
        Assert(ancestors.Count + earlier.Count == sequence.Depths[row] + 1, "depth counts the ancestors");
        foreach (EarlierNode node in earlier)
        {
            hash = PrefixHash.Append(hash, Read(node.KvSlot, sequence.BaseLength + node.Depth));
        }
        foreach (int node in ancestors)
        {
            int token = Read(sequence.KvSlots[node], sequence.BaseLength + sequence.Depths[node]);
            Assert(token == sequence.Tokens[node], "an ancestor's KV row holds its token");
            hash = PrefixHash.Append(hash, token);
        }
        return hash;
    }

    private int Read(int physical, int position)
    {
        Assert(_kv[physical].Position == position, $"KV row {physical} holds position {_kv[physical].Position}, not {position}");
        return _kv[physical].Token;
    }

    private static void Encode(ulong hash, Span<float> hidden)
    {
        for (int i = 0; i < Width; i++)
        {
            hidden[i] = (ushort)(hash >> (16 * i));
        }
    }

    private static ulong Decode(ReadOnlySpan<float> hidden)
    {
        ulong hash = 0;
        for (int i = 0; i < Width; i++)
        {
            hash |= (ulong)hidden[i] << (16 * i);
        }
        return hash;
    }

    private static void Assert(bool condition, string rule)
    {
        if (!condition)
        {
            throw new InvalidOperationException($"Broken invariant: {rule}.");
        }
    }
}
