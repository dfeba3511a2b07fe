using System.Runtime.InteropServices;
using Winnow.Inference.Execution;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting.Heads;

/// <summary>
/// A trained head on the last shard: reads the target's hidden states of every committed token of a step, and guesses what follows, as a part of the step, so that
/// its drafts come with the step's result and cost no round of their own. Not thread-safe: the shard's loop owns it.
/// </summary>
/// <remarks>
/// A position is read together with the token that came next; where that is not known yet, its hidden states are held. Keys and values lie under the target's
/// block ids. A block that sequences share ends with what the last of them to fill it read there: a guess may be worse for it, never a token.
/// </remarks>
public sealed class HeadDrafter : IDisposable
{
    private const int LongestDraft = 32;

    private readonly HeadConfiguration _head;
    private readonly ShardSpec _spec;
    private readonly TimeProvider _time;
    private readonly HeadNetwork _network;
    private readonly HeadMemory _memory;
    private readonly TokenSampler _sampler;
    private readonly int[] _targetIds;
    private readonly float[] _logits;
    private readonly List<Row> _rows = [];
    private readonly List<int> _tokens = [];
    private readonly List<int> _positions = [];
    private readonly List<Guessing> _guessing = [];

    /// <summary>Loads a head for a target whose last shard is loaded.</summary>
    /// <param name="file">The head's file; must stay open.</param>
    /// <param name="target">The target's file.</param>
    /// <param name="shard">The last shard.</param>
    /// <param name="threads">Threads that compute.</param>
    /// <param name="time">Measures what it costs.</param>
    /// <exception cref="ModelFileException">The file is not a head, or not one for this target.</exception>
    /// <exception cref="ArgumentException">The shard does not see the layers that the head reads.</exception>
    public HeadDrafter(ModelFile file, ModelFile target, IShard shard, int threads, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(shard);
        _head = HeadConfiguration.Read(file, ModelConfigurationReader.Read(target));
        _spec = shard.Spec;
        _time = time;
        if (!_spec.HasHead || !shard.KeepsFeatures || _head.Layers[0] < _spec.FirstLayer)
        {
            throw new ArgumentException($"The head '{file.Path}' reads hidden states after '{_head.Layers[0]}' to {_head.Layers[^1]} layers; the shard of layers {_spec.FirstLayer} to "
                + $"{_spec.LastLayer} of {_spec.ModelLayers} on '{shard.Numerics}' {(shard.KeepsFeatures ? "does not see them all" : "does not give them out")}; "
                + "use fewer shards and a CPU worker for the last.", nameof(shard));
        }
        _targetIds = TargetIds(file);
        _logits = new float[_spec.VocabularySize];
        _logits.AsSpan().Fill(float.NegativeInfinity);
        _sampler = new TokenSampler(_spec.VocabularySize);
        Features = new FeatureRows(_head.Layers, _spec.ModelSize);
        _network = new HeadNetwork(file, _head, threads);
        _memory = new HeadMemory(_head, _spec);
    }

    /// <summary>The head's sizes.</summary>
    public HeadConfiguration Configuration => _head;

    /// <summary>What the target's pass is to keep for the head.</summary>
    internal FeatureRows Features { get; }

    /// <summary>Copies a block, as the target's cache does.</summary>
    internal void CopyBlock(int source, int destination) => _memory.CopyBlock(source, destination);

    /// <summary>Reads a step's committed tokens and writes drafts into the results of sequences that asked for them.</summary>
    /// <param name="batch">The rows as they ran.</param>
    /// <param name="steps">Their messages, in the same order.</param>
    /// <param name="slots">Their slots, in the same order.</param>
    /// <param name="results">Their results, in the same order.</param>
    /// <returns>Microseconds taken.</returns>
    internal long Run(ForwardBatch batch, IReadOnlyList<SequenceRows> steps, List<SlotState> slots, List<SequenceResult> results)
    {
        long began = _time.GetTimestamp();
        _rows.Clear();
        _guessing.Clear();
        for (int i = 0; i < steps.Count; i++)
        {
            Gather(batch[i], steps[i], slots[i], results[i]);
        }
        ReadRows();
        if (_guessing.Count > 0)
        {
            Guess();
        }
        return (long)_time.GetElapsedTime(began).TotalMicroseconds;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _network.Dispose();
        _memory.Dispose();
    }

    private void Gather(ForwardSequence sequence, SequenceRows step, SlotState slot, SequenceResult result)
    {
        HeldFeatures held = slot.HeldFeatures;
        int last = step.KnownCount - 1;
        if (result.Error is not null)
        {
            held.Clear();
            return;
        }
        if (held.Position >= 0 && held.Position == sequence.BaseLength - 1)
        {
            Add(slot, -1, held.Position, sequence.Tokens[0]);
        }
        for (int row = 0; row < last; row++)
        {
            Add(slot, sequence.FirstRow + row, sequence.BaseLength + row, sequence.Tokens[row + 1]);
        }
        if (!step.Sample)
        {
            // The held states are read below, before they are overwritten, so holding waits until then.
            Add(slot, sequence.FirstRow + last, sequence.BaseLength + last, token: -1);
            return;
        }
        Add(slot, sequence.FirstRow + last, sequence.BaseLength + last, result.Tokens[0]);
        for (int i = 0; i < result.Accepted; i++)
        {
            Add(slot, sequence.FirstRow + result.Path[i], sequence.BaseLength + last + 1 + i, result.Tokens[i + 1]);
        }
        int position = sequence.BaseLength + last + result.Accepted;
        int wanted = Math.Min(Math.Min(step.HeadTokens, LongestDraft), _spec.ContextTokens - position - 2);
        if (wanted > 0 && _rows[^1].Position == position && _rows[^1].Slot == slot)
        {
            _guessing.Add(new Guessing(slot, result, _rows.Count - 1, position, new int[wanted], new float[wanted]));
        }
    }

    // A position that the block table does not reach is of a tree's branch whose row has yet to move; the head does without it.
    private void Add(SlotState slot, int feature, int position, int token)
    {
        if (_memory.Reaches(slot.Blocks, position))
        {
            _rows.Add(new Row(slot, feature, position, token));
        }
    }

    private void ReadRows()
    {
        _network.Reserve(Math.Max(1, _rows.Count));
        _tokens.Clear();
        _positions.Clear();
        for (int i = 0; i < _rows.Count; i++)
        {
            Row row = _rows[i];
            ReadOnlySpan<float> states = row.Feature < 0 ? row.Slot.HeldFeatures.States : Features[row.Feature];
            states.CopyTo(_network.Features(i));
            row.Slot.HeldFeatures.Clear();
            if (row.Token < 0)
            {
                row.Slot.HeldFeatures.Hold(row.Position, states);
            }
            _tokens.Add(Math.Max(0, row.Token));
            _positions.Add(row.Position);
        }
        if (_rows.Count == 0)
        {
            return;
        }
        _network.Fuse(_rows.Count);
        _network.Read(CollectionsMarshal.AsSpan(_tokens), CollectionsMarshal.AsSpan(_positions));
        for (int i = 0; i < _rows.Count; i++)
        {
            if (_rows[i].Token >= 0)
            {
                _memory.Store(_rows[i].Slot.Blocks, _rows[i].Position, _network.Keys(i), _network.Values(i));
            }
        }
    }

    private void Guess()
    {
        int count = _guessing.Count;
        int depths = _guessing.Max(guessing => guessing.Tokens.Length);
        _memory.BeginGuesses(count, depths);
        for (int i = 0; i < count; i++)
        {
            _network.Move(_guessing[i].Row, i);
        }
        _tokens.Clear();
        _positions.Clear();
        foreach (Guessing guessing in _guessing)
        {
            _tokens.Add(0);
            _positions.Add(guessing.Position);
        }
        Span<int> tokens = CollectionsMarshal.AsSpan(_tokens);
        Span<int> positions = CollectionsMarshal.AsSpan(_positions);
        for (int depth = 0; depth < depths; depth++)
        {
            if (depth > 0)
            {
                Deepen(depth, tokens, positions);
            }
            _network.Ask(positions);
            for (int i = 0; i < count; i++)
            {
                _memory.Attend(_network.Queries(i), _guessing[i].Slot.Blocks, _guessing[i].Position + 1, i, depth);
            }
            _network.Finish(count);
            for (int i = 0; i < count; i++)
            {
                tokens[i] = Draw(_guessing[i], i, depth);
            }
        }
        foreach (Guessing guessing in _guessing)
        {
            guessing.Result.HeadTokens = guessing.Count == guessing.Tokens.Length ? guessing.Tokens : guessing.Tokens[..guessing.Count];
            guessing.Result.HeadConfidences = guessing.Count == guessing.Tokens.Length ? guessing.Confidences : guessing.Confidences[..guessing.Count];
        }
    }

    /// <summary>Every sequence's last guess becomes its next row: the hidden state is the head's own.</summary>
    private void Deepen(int depth, ReadOnlySpan<int> tokens, Span<int> positions)
    {
        for (int i = 0; i < positions.Length; i++)
        {
            positions[i]++;
        }
        _network.Read(tokens, positions);
        for (int i = 0; i < positions.Length; i++)
        {
            _memory.StoreGuess(i, depth - 1, _network.Keys(i), _network.Values(i));
        }
    }

    /// <summary>Draws a guess with the target's noise and processors.</summary>
    /// <returns>The token; some token when the sequence wants no more.</returns>
    private int Draw(Guessing guessing, int row, int depth)
    {
        if (guessing.Count < depth || depth >= guessing.Tokens.Length)
        {
            return 0;
        }
        ReadOnlySpan<float> logits = _network.Logits(row);
        for (int i = 0; i < logits.Length; i++)
        {
            _logits[_targetIds[i]] = logits[i];
        }
        SlotState slot = guessing.Slot;
        int[] drawn = guessing.Result.Tokens;
        Span<int> path = stackalloc int[drawn.Length + depth];
        drawn.CopyTo(path);
        guessing.Tokens.AsSpan(0, depth).CopyTo(path[drawn.Length..]);
        try
        {
            int token = _sampler.Sample(_logits, slot.Plan!, slot.History, path, guessing.Position + 2 + depth - slot.PromptTokens, out float confidence);
            guessing.Tokens[depth] = token;
            guessing.Confidences[depth] = confidence;
            guessing.Count++;
            return token;
        }
        catch (SamplingException)
        {
            // The head has no token to offer here; the target decides alone.
            return 0;
        }
    }

    private unsafe int[] TargetIds(ModelFile file)
    {
        int[] ids = new int[_head.DraftVocabularySize];
        if (file.TryGetTensor(HeadTensors.ToTarget, out GgufTensor? offsets) && offsets.ElementCount != ids.Length)
        {
            throw new ModelFileException(file.Path, $"tensor '{HeadTensors.ToTarget}', elements", offsets.ElementCount, $"{ids.Length}, one for every token of the head");
        }
        for (int i = 0; i < ids.Length; i++)
        {
            double offset = offsets?.Type switch
            {
                null => 0,
                GgmlType.F32 => ((float*)file.GetPointer(offsets))[i],
                GgmlType.I32 => ((int*)file.GetPointer(offsets))[i],
                GgmlType.I64 => ((long*)file.GetPointer(offsets))[i],
                _ => throw new ModelFileException(file.Path, $"tensor '{HeadTensors.ToTarget}', type", offsets!.Type, "F32, I32 or I64"),
            };
            double id = i + offset;
            ids[i] = id >= 0 && id < _spec.VocabularySize
                ? (int)id
                : throw new ModelFileException(file.Path, $"tensor '{HeadTensors.ToTarget}', token of '{i}'", id, $"an id below {_spec.VocabularySize}");
        }
        return ids;
    }

    /// <summary>A position to read: its hidden states (a row of the batch, or -1 for those held) and the token that came next (-1: not known yet).</summary>
    private readonly record struct Row(SlotState Slot, int Feature, int Position, int Token);

    /// <summary>A sequence that wants guesses.</summary>
    private sealed class Guessing(SlotState slot, SequenceResult result, int row, int position, int[] tokens, float[] confidences)
    {
        public SlotState Slot => slot;

        public SequenceResult Result => result;

        public int Row => row;

        public int Position => position;

        public int[] Tokens => tokens;

        public float[] Confidences => confidences;

        public int Count { get; set; }
    }
}
