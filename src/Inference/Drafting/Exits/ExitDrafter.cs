using System.Runtime.InteropServices;
using Winnow.Inference.Execution;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting.Exits;

/// <summary>
/// The early exit on the first shard: drafts from the target's own first layers while a step is there, and appends the drafts to its rows, so that drafting costs
/// no message at all. Not thread-safe: the shard's loop owns it.
/// </summary>
/// <remarks>
/// The adapter is one more layer with a head (<see cref="ExitModel"/>), whose keys and values lie under the target's block ids: what it holds of a position follows from
/// the tokens up to there, so that shared prefixes, trees and restarts need nothing of their own. Layers before the exit run once for every row, draft or not:
/// the step goes on from their hidden states.
/// </remarks>
public sealed class ExitDrafter : IDisposable
{
    private const int LongestDraft = 32;

    // Below this a guess is not worth waking other threads for.
    private const long WeightsForThreads = 1 << 23;

    private readonly IShard _shard;
    private readonly ShardSpec _spec;
    private readonly IShard _adapter;
    private readonly TimeProvider _time;
    private readonly TokenSampler _sampler;
    private readonly ForwardBatch _next = new();
    private readonly List<Drafting> _drafting = [];
    private readonly List<Drafting> _going = [];
    private List<DraftMirror> _mirrors = [];
    private float[] _states = [];
    private float[] _outputs = [];
    private float[] _ends = [];
    private float[] _logits = [];
    private float[] _gathered = [];

    /// <summary>Loads an exit for a target whose first shard is loaded.</summary>
    /// <param name="model">The exit; its files must stay open.</param>
    /// <param name="shard">The first shard.</param>
    /// <param name="backend">Where the adapter computes: the shard's own.</param>
    /// <param name="options">How the shard was loaded: the adapter's caches are of the same sizes.</param>
    /// <param name="time">Measures what it costs.</param>
    /// <exception cref="Files.ModelFileException">A tensor is damaged.</exception>
    /// <exception cref="ArgumentException">The shard does not have the layers before the exit.</exception>
    public ExitDrafter(ExitModel model, IShard shard, IComputeBackend backend, ShardOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shard);
        ArgumentNullException.ThrowIfNull(backend);
        ArgumentNullException.ThrowIfNull(options);
        _shard = shard;
        _spec = shard.Spec;
        _time = time;
        if (!_spec.HasEmbedding || !shard.RunsLayers || model.Layers > _spec.LastLayer)
        {
            throw new ArgumentException($"The early exit '{model.File.Path}' leaves the target after '{model.Layers}' layers; the shard of layers {_spec.FirstLayer} to "
                + $"{_spec.LastLayer} of {_spec.ModelLayers} on '{shard.Numerics}' {(shard.RunsLayers ? "does not have them all" : "does not run layers apart")}; "
                + "use fewer shards and a CPU worker for the first.", nameof(shard));
        }
        Layers = model.Layers;
        _sampler = new TokenSampler(_spec.VocabularySize);
        _adapter = backend.LoadShard(model.File, options with
        {
            FirstLayer = ExitModel.LoadedLayer,
            LastLayer = 0,
            Threads = model.WeightBytes < WeightsForThreads ? 1 : options.Threads,
            Profile = null,
        });
    }

    /// <summary>After how many layers it leaves the target.</summary>
    public int Layers { get; }

    /// <summary>The adapter, whose cache moves as the shard's does.</summary>
    internal IShard Adapter => _adapter;

    /// <inheritdoc/>
    public void Dispose() => _adapter.Dispose();

    /// <summary>Runs a step's rows up to the exit, and drafts for those that want it.</summary>
    /// <param name="batch">The rows.</param>
    /// <param name="steps">Their messages, in the same order.</param>
    /// <param name="slots">Their slots, in the same order.</param>
    /// <param name="room">Rows that the step may still get.</param>
    /// <param name="mostDrafts">Most drafts of a sequence.</param>
    /// <param name="cancellation">Ends it between layers.</param>
    /// <returns>Microseconds that adapter and drafts took.</returns>
    internal long Run(ForwardBatch batch, List<SequenceRows> steps, List<SlotState> slots, int room, int mostDrafts, CancellationToken cancellation)
    {
        int size = batch.RowCount * _spec.ModelSize;
        EnsureSize(ref _states, size);
        EnsureSize(ref _outputs, size);
        _shard.ForwardLayers(batch, [], _states.AsSpan(0, size), 0, Layers, cancellation);
        long began = _time.GetTimestamp();
        _drafting.Clear();
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            int wanted = Math.Min(room, Wanted(steps[i], slots[i], mostDrafts));
            room -= wanted;
            if (wanted > 0)
            {
                _drafting.Add(new Drafting(i, steps[i], slots[i], wanted, _spec.ModelSize));
            }
            batch[i].FirstOutputRow = wanted > 0 ? batch[i].RowCount - 1 : Mirrors(steps[i], batch[i]) ? steps[i].KnownCount - 1 : batch[i].RowCount;
        }
        _adapter.Forward(batch, _states.AsSpan(0, size), _outputs.AsSpan(0, size), cancellation);
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            if (Mirrors(steps[i], batch[i]))
            {
                Mirror(batch[i], steps[i], slots[i]);
            }
            batch[i].FirstOutputRow = steps[i].Sample ? steps[i].KnownCount - 1 : batch[i].RowCount;
        }
        if (_drafting.Count > 0)
        {
            Draft(batch, cancellation);
        }
        return (long)_time.GetElapsedTime(began).TotalMicroseconds;
    }

    /// <summary>What it expects of the verification of the step's rows, for those that asked.</summary>
    internal IReadOnlyList<DraftMirror> TakeMirrors()
    {
        List<DraftMirror> taken = _mirrors;
        _mirrors = taken.Count == 0 ? taken : [];
        return taken;
    }

    /// <summary>Replaces the messages of sequences that were drafted for by such with their drafts at the end.</summary>
    /// <returns>Whether there are any.</returns>
    internal bool Append(List<SequenceRows> steps)
    {
        bool any = false;
        foreach (Drafting drafting in _drafting)
        {
            if (drafting.Tokens.Count > 0)
            {
                steps[drafting.Index] = WithDrafts(drafting.Rows, [.. drafting.Rows.Tokens, .. drafting.Tokens], drafting.Tokens.Count);
                any = true;
            }
        }
        return any;
    }

    /// <summary>Hidden states at the exit of a step's rows, those of the drafts at the end of their sequence's.</summary>
    /// <param name="batch">The rows with drafts.</param>
    internal ReadOnlySpan<float> States(ForwardBatch batch)
    {
        int width = _spec.ModelSize;
        EnsureSize(ref _gathered, batch.RowCount * width);
        int read = 0;
        int next = 0;
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            Drafting? drafting = next < _drafting.Count && _drafting[next].Index == i ? _drafting[next++] : null;
            int drafts = drafting?.Tokens.Count ?? 0;
            Span<float> rows = _gathered.AsSpan(batch[i].FirstRow * width, batch[i].RowCount * width);
            int known = (batch[i].RowCount - drafts) * width;
            _states.AsSpan(read, known).CopyTo(rows);
            drafting?.States.AsSpan(0, drafts * width).CopyTo(rows[known..]);
            read += known;
        }
        return _gathered.AsSpan(0, batch.RowCount * width);
    }

    // The rows' blocks must be there for every draft, as for any other.
    private int Wanted(SequenceRows rows, SlotState slot, int mostDrafts)
    {
        if (rows.ExitTokens <= 0 || !rows.Sample || rows.Tokens.Length > rows.KnownCount)
        {
            return 0;
        }
        int position = rows.BaseLength + rows.KnownCount;
        long covered = Math.Min(_spec.ContextTokens, (long)slot.Blocks.Length * _spec.BlockTokens);
        return (int)Math.Clamp(covered - position, 0, Math.Min(Math.Min(rows.ExitTokens, mostDrafts), LongestDraft));
    }

    private static bool Mirrors(SequenceRows rows, ForwardSequence sequence) =>
        rows.MirrorTokens > 0 && rows.ExitTokens == 0 && rows.Sample && rows.Parents.Length == 0 && sequence.RowCount - rows.KnownCount <= LongestDraft;

    /// <summary>Ranks what the target may draw after the last known token and after every draft, by the noise that it shares with the target.</summary>
    private void Mirror(ForwardSequence sequence, SequenceRows rows, SlotState slot)
    {
        int width = _spec.ModelSize;
        int first = rows.KnownCount - 1;
        int places = sequence.RowCount - first;
        EnsureSize(ref _logits, places * _spec.VocabularySize);
        _adapter.ComputeLogits(_outputs.AsSpan((sequence.FirstRow + first) * width, places * width), places, _logits.AsSpan(0, places * _spec.VocabularySize));
        int position = rows.BaseLength + rows.KnownCount;
        slot.History?.SyncTo(slot.Chain.Tokens[..position]);
        Span<RankedToken> ranked = stackalloc RankedToken[Math.Min(rows.MirrorTokens, DraftMirror.MostCandidates)];
        List<int> tokens = [];
        List<float> scores = [];
        for (int place = 0; place < places; place++)
        {
            try
            {
                ReadOnlySpan<float> logits = _logits.AsSpan(place * _spec.VocabularySize, _spec.VocabularySize);
                int count = _sampler.Rank(logits, slot.Plan!, slot.History, sequence.Tokens.Slice(rows.KnownCount, place), position + place - slot.PromptTokens, ranked);
                if (count < ranked.Length)
                {
                    break;
                }
            }
            catch (SamplingException)
            {
                // The exit has no token to offer here, so it says nothing of what follows.
                break;
            }
            foreach (RankedToken candidate in ranked)
            {
                tokens.Add(candidate.Token);
                scores.Add((float)candidate.Score);
            }
        }
        _mirrors.Add(new DraftMirror(rows.Slot, position, slot.Chain.HashAt(position), ranked.Length, [.. tokens], [.. scores]));
    }

    private void Draft(ForwardBatch batch, CancellationToken cancellation)
    {
        int width = _spec.ModelSize;
        EnsureSize(ref _ends, _drafting.Count * width);
        EnsureSize(ref _logits, _drafting.Count * _spec.VocabularySize);
        _going.Clear();
        foreach (Drafting drafting in _drafting)
        {
            ForwardSequence rows = batch[drafting.Index];
            _outputs.AsSpan((rows.FirstRow + rows.RowCount - 1) * width, width).CopyTo(_ends.AsSpan(_going.Count * width));
            drafting.Slot.History?.SyncTo(drafting.Slot.Chain.Tokens[..(rows.BaseLength + rows.RowCount)]);
            _going.Add(drafting);
        }
        while (_going.Count > 0)
        {
            _adapter.ComputeLogits(_ends.AsSpan(0, _going.Count * width), _going.Count, _logits.AsSpan(0, _going.Count * _spec.VocabularySize));
            Draw();
            Deepen(cancellation);
        }
    }

    /// <summary>Draws a draft for everyone and lays out its row; who has none is done.</summary>
    private void Draw()
    {
        _next.Clear();
        int kept = 0;
        for (int i = 0; i < _going.Count; i++)
        {
            Drafting drafting = _going[i];
            if (drafting.TryDraw(_sampler, _logits.AsSpan(i * _spec.VocabularySize, _spec.VocabularySize)))
            {
                AddRow(drafting);
                _going[kept++] = drafting;
            }
        }
        _going.RemoveRange(kept, _going.Count - kept);
    }

    private void AddRow(Drafting drafting)
    {
        int position = drafting.Position + drafting.Tokens.Count - 1;
        ForwardSequence row = _next.Add(1);
        row.BaseLength = position;
        row.FirstOutputRow = drafting.GoesOn ? 0 : 1;
        row.SetBlocks(drafting.Slot.Blocks);
        (row.Tokens[0], row.Parents[0], row.Depths[0]) = (drafting.Tokens[^1], -1, 0);
        row.KvSlots[0] = (drafting.Slot.Blocks[position / _spec.BlockTokens] * _spec.BlockTokens) + (position % _spec.BlockTokens);
    }

    /// <summary>Runs the new drafts up to the exit and through the adapter, whose cache so holds the last one too; those that go on stay.</summary>
    private void Deepen(CancellationToken cancellation)
    {
        int width = _spec.ModelSize;
        int size = _going.Count * width;
        if (size == 0)
        {
            return;
        }
        // Every pass is at most as wide as the first, whose outputs are not needed any more.
        EnsureSize(ref _gathered, size);
        Span<float> states = _gathered.AsSpan(0, size);
        Span<float> outputs = _outputs.AsSpan(0, size);
        _shard.ForwardLayers(_next, [], states, 0, Layers, cancellation);
        _adapter.Forward(_next, states, outputs, cancellation);
        int kept = 0;
        for (int i = 0; i < _going.Count; i++)
        {
            Drafting drafting = _going[i];
            states.Slice(i * width, width).CopyTo(drafting.States.AsSpan((drafting.Tokens.Count - 1) * width));
            if (drafting.GoesOn)
            {
                outputs.Slice(i * width, width).CopyTo(_ends.AsSpan(kept * width));
                _going[kept++] = drafting;
            }
        }
        _going.RemoveRange(kept, _going.Count - kept);
    }

    // Its blocks have been changed already.
    private static SequenceRows WithDrafts(SequenceRows rows, int[] tokens, int drafted) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = tokens,
        KnownCount = rows.KnownCount,
        Sample = rows.Sample,
        TruncateBlocks = rows.TruncateBlocks,
        NewBlocks = rows.NewBlocks,
        KeepPath = rows.KeepPath,
        HeadTokens = rows.HeadTokens,
        HeadWidth = rows.HeadWidth,
        HeadDepth = rows.HeadDepth,
        WantsCandidates = rows.WantsCandidates,
        ExitDrafted = drafted,
    };

    private static void EnsureSize(ref float[] buffer, int size)
    {
        if (buffer.Length < size)
        {
            buffer = new float[Math.Max(size, 2 * buffer.Length)];
        }
    }

    /// <summary>A sequence that is drafted for.</summary>
    private sealed class Drafting(int index, SequenceRows rows, SlotState slot, int wanted, int width)
    {
        public int Index => index;

        public SequenceRows Rows => rows;

        public SlotState Slot => slot;

        /// <summary>Position of the first draft.</summary>
        public int Position => rows.BaseLength + rows.KnownCount;

        public List<int> Tokens { get; } = new(wanted);

        /// <summary>Hidden states of the drafts at the exit.</summary>
        public float[] States { get; } = new float[wanted * width];

        public bool GoesOn { get; private set; }

        /// <summary>Draws a draft with the target's noise and processors.</summary>
        public bool TryDraw(TokenSampler sampler, ReadOnlySpan<float> logits)
        {
            GoesOn = false;
            try
            {
                int index = Position + Tokens.Count - slot.PromptTokens;
                int token = sampler.Sample(logits, slot.Plan!, slot.History, CollectionsMarshal.AsSpan(Tokens), index, out float probability);
                Tokens.Add(token);
                GoesOn = Tokens.Count < wanted && probability >= rows.ExitStop;
                return true;
            }
            catch (SamplingException)
            {
                // The exit has no token to offer here; the target decides alone.
                return false;
            }
        }
    }
}
