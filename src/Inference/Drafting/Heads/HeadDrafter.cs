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
    private const int MostNodes = 64;

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
    private readonly List<int> _sources = [];
    private readonly List<TreeSearch> _trees = [];
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
        DraftRoom room = RoomOf(step, _spec.ContextTokens - position - 2);
        if (room.Depth > 0 && _rows[^1].Position == position && _rows[^1].Slot == slot)
        {
            if (_trees.Count == _guessing.Count)
            {
                _trees.Add(new TreeSearch());
            }
            _guessing.Add(new Guessing(slot, result, _rows.Count - 1, position, room, _trees[_guessing.Count]));
        }
    }

    // Nothing is believed of what a step asks for.
    private DraftRoom RoomOf(SequenceRows step, int left)
    {
        int width = Math.Clamp(step.HeadWidth, 1, DraftEngineOptions.MostTreeWidth);
        int nodes = Math.Min(step.HeadTokens, width > 1 ? MostNodes : LongestDraft);
        int depth = Math.Min(Math.Min(step.HeadDepth > 0 ? step.HeadDepth : nodes, LongestDraft), Math.Min(nodes, left));
        return width > 1 ? new DraftRoom(nodes, depth, Math.Min(width, Math.Max(1, nodes)), _spec.VocabularySize) : DraftRoom.ForChain(depth, _spec.VocabularySize);
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
        int level = 0;
        foreach (Guessing guessing in _guessing)
        {
            level += guessing.Room.Width;
        }
        _network.Reserve(Math.Max(Math.Max(1, level), _rows.Count));
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
        _tokens.Clear();
        _positions.Clear();
        int rows = 1;
        for (int i = 0; i < _guessing.Count; i++)
        {
            Guessing guessing = _guessing[i];
            _network.Move(guessing.Row, i);
            _positions.Add(guessing.Position);
            guessing.Tree.Begin(guessing.Room, guessing.Position + 2);
            rows = Math.Max(rows, TreeSearch.RowsFor(guessing.Room));
        }
        _memory.BeginGuesses(_guessing.Count, rows);
        _network.Ask(CollectionsMarshal.AsSpan(_positions));
        for (int i = 0; i < _guessing.Count; i++)
        {
            _memory.Attend(_network.Queries(i), _guessing[i].Slot.Blocks, _guessing[i].Position + 1, i, []);
        }
        _network.Finish(_guessing.Count);
        for (int i = 0; i < _guessing.Count; i++)
        {
            Expand(_guessing[i], DraftTree.Root, i);
            _guessing[i].Tree.NextLevel();
        }
        while (RunLevel())
        {
        }
        foreach (Guessing guessing in _guessing)
        {
            DraftProposal proposal = guessing.Tree.Proposal(guessing.Result.Slot);
            guessing.Result.HeadTokens = proposal.Tokens;
            guessing.Result.HeadParents = guessing.Room.Width > 1 ? proposal.Parents : [];
            guessing.Result.HeadConfidences = proposal.Confidences;
        }
    }

    /// <summary>The best guesses of a level become rows, whose hidden states are the head's own: all sequences' together.</summary>
    /// <returns>Whether there were any.</returns>
    private bool RunLevel()
    {
        _tokens.Clear();
        _positions.Clear();
        _sources.Clear();
        for (int i = 0; i < _guessing.Count; i++)
        {
            TreeSearch tree = _guessing[i].Tree;
            foreach (int node in tree.Frontier)
            {
                _tokens.Add(tree[node].Token);
                _positions.Add(_guessing[i].Position + 1 + tree[node].Depth);
                // Where a node's row was, in the level before, stands in the place of its key.
                _sources.Add(tree[node].Parent < 0 ? i : tree[tree[node].Parent].KvSlot);
            }
        }
        if (_tokens.Count == 0)
        {
            return false;
        }
        _network.Gather(CollectionsMarshal.AsSpan(_sources));
        _network.Read(CollectionsMarshal.AsSpan(_tokens), CollectionsMarshal.AsSpan(_positions));
        _network.Ask(CollectionsMarshal.AsSpan(_positions));
        int row = 0;
        for (int i = 0; i < _guessing.Count; i++)
        {
            foreach (int node in _guessing[i].Tree.Frontier)
            {
                Attend(_guessing[i], i, node, row++);
            }
        }
        _network.Finish(_tokens.Count);
        row = 0;
        foreach (Guessing guessing in _guessing)
        {
            foreach (int node in guessing.Tree.Frontier)
            {
                Expand(guessing, node, row++);
            }
            guessing.Tree.NextLevel();
        }
        return true;
    }

    private void Attend(Guessing guessing, int sequence, int node, int row)
    {
        TreeSearch tree = guessing.Tree;
        _memory.StoreGuess(sequence, tree.Computed.Count, _network.Keys(row), _network.Values(row));
        tree.Store(node, row);
        Span<int> path = stackalloc int[tree[node].Depth + 1];
        for (int above = node; above >= 0; above = tree[above].Parent)
        {
            path[tree[above].Depth] = tree[above].Order;
        }
        _memory.Attend(_network.Queries(row), guessing.Slot.Blocks, guessing.Position + 1, sequence, path);
    }

    /// <summary>Guesses what follows a node with the target's noise and processors: the likeliest, or the only one of a chain.</summary>
    private void Expand(Guessing guessing, int node, int row)
    {
        ReadOnlySpan<float> logits = _network.Logits(row);
        for (int i = 0; i < logits.Length; i++)
        {
            _logits[_targetIds[i]] = logits[i];
        }
        TreeSearch tree = guessing.Tree;
        SlotState slot = guessing.Slot;
        int[] drawn = guessing.Result.Tokens;
        int depth = node < 0 ? 0 : tree[node].Depth + 1;
        Span<int> path = stackalloc int[drawn.Length + depth];
        drawn.CopyTo(path);
        if (node >= 0)
        {
            tree.PathTo(node, path[drawn.Length..]);
        }
        int index = tree.BaseLength + depth - slot.PromptTokens;
        try
        {
            if (guessing.Room.Width == 1)
            {
                int token = _sampler.Sample(_logits, slot.Plan!, slot.History, path, index, out float confidence);
                tree.AddChild(node, token, confidence);
                return;
            }
            Span<RankedToken> ranked = stackalloc RankedToken[guessing.Room.Width];
            int count = _sampler.Rank(_logits, slot.Plan!, slot.History, path, index, ranked);
            while (count > 0 && double.IsNegativeInfinity(ranked[count - 1].Score))
            {
                count--;
            }
            tree.AddChildren(node, ranked[..count], slot.Plan!.Parameters.Temperature);
        }
        catch (SamplingException)
        {
            // The head has no token to offer here; the target decides alone.
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

    /// <summary>A sequence that wants guesses: how many, where they begin, and the row that they go on from.</summary>
    private readonly record struct Guessing(SlotState Slot, SequenceResult Result, int Row, int Position, DraftRoom Room, TreeSearch Tree);
}
