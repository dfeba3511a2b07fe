using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Grammar;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>
/// Runs the steps of one shard: owns the shard and what is known of its open sequences, checks every number a peer sends, runs
/// the rows and, at the last shard, samples and verifies. Not thread-safe: one loop owns it.
/// </summary>
/// <remarks>
/// The first shard takes bad rows and bad drafts out of a step and hands the rest on; later shards run the same checks on the
/// same state and fail the step when something is left, since their states have then come apart. A dropped row changes nothing
/// of its slot, its block table included. A step of a higher epoch closes all slots first.
/// </remarks>
public sealed class ShardEngine : IDisposable
{
    private readonly IShard _shard;
    private readonly IDrawingShard? _drawing;
    private readonly ShardSpec _spec;
    private readonly ShardEngineOptions _options;
    private readonly ScratchRows _scratch;
    private readonly SlotTable _slots;
    private readonly RowPlacement _placement;
    private readonly Verifier? _verifier;
    private readonly HeadDrafter? _head;
    private readonly ExitDrafter? _exit;
    private readonly StepOutcome[] _outcomes = [new(), new()];
    private readonly List<SequenceRows> _running = [];
    private readonly List<SlotState> _runningSlots = [];
    private readonly List<SequenceResult> _dropped = [];
    private readonly HashSet<int> _seen = [];
    private float[] _hidden = [];
    private ForwardBatch _forward = new();
    private ForwardBatch _extended = new();
    private bool _isExtended;
    private int _oldest;
    private int _unfinished;
    private long _hostBytes;
    private long _epoch = long.MinValue;
    private long _step = long.MinValue;

    /// <summary>Takes over a shard.</summary>
    /// <param name="shard">Disposed with the engine.</param>
    /// <param name="options">Limits, equal on all shards of a replica.</param>
    /// <param name="head">A trained head on the last shard, or <see langword="null"/>; disposed with the engine.</param>
    /// <param name="exit">An early exit on the first shard, or <see langword="null"/>; disposed with the engine.</param>
    /// <param name="grammars">The vocabulary of grammars, asked for when the first sequence with one opens; <see langword="null"/> where none can be followed.</param>
    /// <exception cref="ArgumentException">The head reads layers before the exit, where the rows of a step are not yet complete.</exception>
    public ShardEngine(IShard shard, ShardEngineOptions? options = null, HeadDrafter? head = null, ExitDrafter? exit = null, Lazy<GrammarVocabulary>? grammars = null)
    {
        _shard = shard;
        _spec = shard.Spec;
        _options = options ?? new ShardEngineOptions();
        _scratch = new ScratchRows(_spec.BlockCount * _spec.BlockTokens, _spec.ScratchTokens);
        _slots = new SlotTable(_spec, _options, draws: _spec.HasHead || exit is not null, _scratch, grammars);
        _placement = new RowPlacement(shard, exit?.Adapter, _scratch);
        _drawing = _spec.HasHead && head is null && exit is null ? shard as IDrawingShard : null;
        _verifier = _spec.HasHead ? new Verifier(shard, _options, _drawing) : null;
        _head = head;
        _exit = exit;
        _forward.Features = _extended.Features = head?.Features;
        if (exit is not null && head is not null && head.Configuration.Layers[0] < exit.Layers)
        {
            throw new ArgumentException($"The head reads hidden states after '{head.Configuration.Layers[0]}' layers, before the early exit's '{exit.Layers}' on the same shard; "
                + "use more shards, or one of the two.", nameof(head));
        }
    }

    /// <summary>The head, or <see langword="null"/>.</summary>
    public HeadDrafter? Head => _head;

    /// <summary>The early exit, or <see langword="null"/>.</summary>
    public ExitDrafter? Exit => _exit;

    /// <summary>The shard's sizes.</summary>
    public ShardSpec Spec => _spec;

    /// <summary>The shard.</summary>
    public IShard Shard => _shard;

    /// <summary>Sequences open.</summary>
    public int OpenSlots => _slots.Count;

    /// <summary>Scratch rows that no slot holds.</summary>
    internal int FreeScratchRows => _scratch.Free;

    /// <summary>A test's way to break the law: keys the noise by a sequence's index in the step. Only at the last shard.</summary>
    internal Func<int, uint>? NoiseStreamOf
    {
        set => (_verifier ?? throw new InvalidOperationException("Only the last shard samples.")).NoiseStreamOf = value;
    }

    /// <summary>See <see cref="NodeSampler.Lots"/>. Only at the last shard.</summary>
    internal IRuleLots? Lots
    {
        set => (_verifier ?? throw new InvalidOperationException("Only the last shard samples.")).Lots = value;
    }

    /// <summary>
    /// Applies a step's closes, opens and copies, runs its rows and, at the last shard, samples and verifies them.
    /// </summary>
    /// <param name="batch">The step; left as it is.</param>
    /// <param name="hidden">Hidden states of the previous shard (rows x C) in the order of the step's rows; empty at the first shard.</param>
    /// <param name="cancellation">Ends the forward pass between layers.</param>
    /// <returns>The outcome, overwritten by a later call.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the step's sequences keep what they held at their base length.</exception>
    public StepOutcome Execute(StepBatch batch, ReadOnlySpan<float> hidden, CancellationToken cancellation)
    {
        Start(batch, hidden, cancellation);
        return Finish();
    }

    /// <summary>
    /// Whether a step may be started now. Before the last shard a second one may be while the first computes, where passes of the shard overlap; at
    /// the last shard what a step draws decides on the next.
    /// </summary>
    public bool MayStart => _unfinished == 0 || (_unfinished < _outcomes.Length && _verifier is null && _shard.PassesOverlap);

    /// <summary>As <see cref="Execute"/>, but may return while the rows are computed; <see cref="Finish"/> ends the oldest step.</summary>
    /// <param name="batch">The step; left as it is.</param>
    /// <param name="hidden">Hidden states; read before this returns.</param>
    /// <param name="cancellation">Ends the forward pass between layers.</param>
    /// <exception cref="OperationCanceledException">Cancelled, and not started.</exception>
    public void Start(StepBatch batch, ReadOnlySpan<float> hidden, CancellationToken cancellation)
    {
        if (!MayStart)
        {
            throw new InvalidOperationException($"Step '{batch.Step}' was started while '{_unfinished}' are not finished; finish the oldest first.");
        }
        StepOutcome outcome = _outcomes[(_oldest + _unfinished) % _outcomes.Length];
        outcome.Begin(batch);
        outcome.Error = CheckStep(batch) ?? Prepare(batch, hidden);
        if (outcome.Error is null)
        {
            Run(outcome, batch, hidden, cancellation);
        }
        _unfinished++;
    }

    /// <summary>Ends the oldest step that was started: waits for its rows.</summary>
    /// <returns>Its outcome, overwritten by a later start; <see cref="StepOutcome.Hidden"/> already by the next end.</returns>
    public StepOutcome Finish()
    {
        if (_unfinished == 0)
        {
            throw new InvalidOperationException("No step has been started.");
        }
        StepOutcome outcome = _outcomes[_oldest];
        _oldest = (_oldest + 1) % _outcomes.Length;
        _unfinished--;
        if (outcome.IsUnderWay)
        {
            outcome.IsUnderWay = false;
            _shard.FinishForward(Hidden(outcome.RowCount));
        }
        if (_verifier is null)
        {
            outcome.Hidden = _hidden.AsMemory(0, outcome.RowCount * _spec.ModelSize);
        }
        long before = _hostBytes;
        _hostBytes = _shard.HostBytes;
        outcome.HostBytes = _hostBytes - before;
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _shard.Dispose();
        _head?.Dispose();
        _exit?.Dispose();
    }

    /// <summary>Checks what belongs to no single row; nothing has been changed when this fails.</summary>
    private StepError? CheckStep(StepBatch batch)
    {
        if (batch.Epoch < _epoch || (batch.Epoch == _epoch && batch.Step <= _step))
        {
            return new StepError(StepErrorTypes.StaleStep,
                $"Step '{batch.Step}' of epoch '{batch.Epoch}' came after step '{_step}' of epoch '{_epoch}'; steps must increase.");
        }
        if (batch.Epoch > _epoch)
        {
            _slots.Clear();
        }
        (_epoch, _step) = (batch.Epoch, batch.Step);
        foreach (BlockCopy copy in batch.Copies)
        {
            if ((uint)copy.Source >= (uint)_spec.BlockCount || (uint)copy.Destination >= (uint)_spec.BlockCount)
            {
                return new StepError(StepErrorTypes.BadStep,
                    $"The step copies block '{copy.Source}' to '{copy.Destination}'; block ids are from 0 to {_spec.BlockCount - 1}.");
            }
        }
        _seen.Clear();
        foreach (SequenceRows rows in batch.Sequences)
        {
            if (!_seen.Add(rows.Slot))
            {
                return new StepError(StepErrorTypes.BadStep, $"The step names slot '{rows.Slot}' twice; a slot has one entry a step.");
            }
        }
        return _slots.Check(batch);
    }

    /// <summary>Applies closes, opens, copies and rows; fails when a later shard has to take something out.</summary>
    private StepError? Prepare(StepBatch batch, ReadOnlySpan<float> hidden)
    {
        foreach (int slot in batch.Closes)
        {
            _slots.Close(slot);
        }
        foreach (SequenceOpen open in batch.Opens)
        {
            _slots.Open(open);
        }
        foreach (BlockCopy copy in batch.Copies)
        {
            _shard.CopyBlock(copy.Source, copy.Destination);
            _head?.CopyBlock(copy.Source, copy.Destination);
            _exit?.Adapter.CopyBlock(copy.Source, copy.Destination);
        }
        _forward.Clear();
        _isExtended = false;
        _running.Clear();
        _runningSlots.Clear();
        _dropped.Clear();
        foreach (SequenceRows rows in batch.Sequences)
        {
            AddRows(rows);
        }
        StepError? error = null;
        if (!_spec.HasEmbedding && (_dropped.Count > 0 || !IsUncut(batch)))
        {
            string found = _dropped.Count > 0 ? $"{_dropped[0].Error!.Type}: {_dropped[0].Error!.Message}" : "drafts that had to be cut";
            error = new StepError(StepErrorTypes.ShardsDiffer, $"Step '{batch.Step}' is not clean at layer {_spec.FirstLayer} ({found}).");
        }
        int expected = _spec.HasEmbedding ? 0 : _forward.RowCount * _spec.ModelSize;
        if (error is null && hidden.Length != expected)
        {
            error = new StepError(StepErrorTypes.BadStep,
                $"Step '{batch.Step}' came with '{hidden.Length}' hidden values; {expected} are expected for {_forward.RowCount} rows.");
        }
        if (error is not null)
        {
            TakeBack();
        }
        return error;
    }

    private void AddRows(SequenceRows rows)
    {
        SlotState? slot = _slots.Find(rows.Slot);
        StepError? problem = slot is null
            ? new StepError(StepErrorTypes.UnknownSlot, $"Slot '{rows.Slot}' is not open; open it with its tokens.")
            : RowCheck.Problem(rows, slot, _spec);
        int room = _options.MaxStepRows - _forward.RowCount;
        if (problem is null && rows.KnownCount > room)
        {
            problem = new StepError(StepErrorTypes.TooManyRows,
                $"Slot '{rows.Slot}' has '{rows.KnownCount}' rows; the step has room for {room} of {_options.MaxStepRows}.");
        }
        if (problem is not null)
        {
            _dropped.Add(new SequenceResult { Slot = rows.Slot, Error = problem });
            return;
        }
        int scratch = _scratch.Free + slot!.Drafts.ScratchCount;
        int length = DraftCut.Length(rows, slot, _spec, room, _options.MaxDraftTokens, scratch);
        _placement.Place(rows, length, slot, _forward);
        _running.Add(rows);
        _runningSlots.Add(slot);
    }

    private void Run(StepOutcome outcome, StepBatch batch, ReadOnlySpan<float> hidden, CancellationToken cancellation)
    {
        long exitMicros = RunRows(outcome, hidden, cancellation);
        outcome.RowCount = _forward.RowCount;
        outcome.Batch = _dropped.Count == 0 && !_isExtended && IsUncut(batch) ? batch : Rewritten(batch, exitMicros);
        if (_verifier is null)
        {
            return;
        }
        StepResult result = new() { Epoch = batch.Epoch, Step = batch.Step, ExitMicros = outcome.Batch.ExitMicros };
        _verifier.Verify(_forward, _running, _runningSlots, _hidden, result.Sequences);
        ReportExits(result.Sequences);
        result.HeadMicros = _head?.Run(_forward, _running, _runningSlots, result.Sequences) ?? 0;
        result.Sequences.AddRange(outcome.Batch.Dropped);
        outcome.Result = result;
    }

    /// <returns>Microseconds that the early exit took.</returns>
    private long RunRows(StepOutcome outcome, ReadOnlySpan<float> hidden, CancellationToken cancellation)
    {
        if (_forward.RowCount == 0)
        {
            return 0;
        }
        long micros = 0;
        bool done = false;
        try
        {
            if (_drawing is not null)
            {
                _drawing.ForwardToDraw(_forward, hidden, cancellation);
            }
            else if (_exit is null && _verifier is null && _shard.PassesOverlap)
            {
                _shard.StartForward(_forward, hidden, cancellation);
                outcome.IsUnderWay = true;
            }
            else if (_exit is null)
            {
                _shard.Forward(_forward, hidden, Hidden(_forward.RowCount), cancellation);
            }
            else
            {
                micros = _exit.Run(_forward, _running, _runningSlots, _options.MaxStepRows - _forward.RowCount, _options.MaxDraftTokens, cancellation);
                outcome.Mirrors = _exit.TakeMirrors();
                Extend(_exit);
                RunFromExit(_exit, cancellation);
            }
            done = true;
        }
        finally
        {
            if (!done)
            {
                TakeBack();
            }
        }
        return micros;
    }

    private Span<float> Hidden(int rows)
    {
        int size = rows * _spec.ModelSize;
        if (_hidden.Length < size)
        {
            _hidden = new float[Math.Max(size, 2 * _hidden.Length)];
        }
        return _hidden.AsSpan(0, size);
    }

    /// <summary>Lays the step out anew with the drafts of the early exit.</summary>
    private void Extend(ExitDrafter exit)
    {
        _isExtended = exit.Append(_running);
        if (!_isExtended)
        {
            return;
        }
        _extended.Clear();
        for (int i = 0; i < _running.Count; i++)
        {
            if (_running[i].ExitDrafted > 0)
            {
                _placement.PlaceAgain(_running[i], _runningSlots[i], _extended);
            }
            else
            {
                _extended.AddCopy(_forward[i]);
            }
        }
        (_forward, _extended) = (_extended, _forward);
    }

    private void RunFromExit(ExitDrafter exit, CancellationToken cancellation)
    {
        ReadOnlySpan<float> states = exit.States(_forward);
        if (exit.Layers == _spec.LastLayer)
        {
            states.CopyTo(Hidden(_forward.RowCount));
        }
        else
        {
            _shard.ForwardLayers(_forward, states, Hidden(_forward.RowCount), exit.Layers, _spec.LastLayer, cancellation);
        }
    }

    /// <summary>The coordinator learns what the first shard has drafted from the last one's results.</summary>
    private void ReportExits(List<SequenceResult> results)
    {
        for (int i = 0; i < _running.Count; i++)
        {
            // A peer's number: only drafts that ran are told.
            int drafted = Math.Clamp(_running[i].ExitDrafted, 0, _running[i].Tokens.Length - _running[i].KnownCount);
            results[i].ExitDrafts = drafted > 0 ? _running[i].Tokens[^drafted..] : [];
        }
    }

    /// <summary>After a failure no row of the step counts as stored: its slots are cut to their base lengths.</summary>
    private void TakeBack()
    {
        for (int i = 0; i < _running.Count; i++)
        {
            _runningSlots[i].Chain.Truncate(_running[i].BaseLength);
            _runningSlots[i].Drafts.Release(_scratch);
        }
    }

    /// <summary>No running row lost drafts.</summary>
    private bool IsUncut(StepBatch batch)
    {
        int tokens = 0;
        foreach (SequenceRows rows in _running)
        {
            tokens += rows.Tokens.Length;
        }
        return tokens == _forward.RowCount && _running.Count + _dropped.Count == batch.Sequences.Count;
    }

    /// <summary>The step without the rows that were dropped and the drafts that were cut, and with those that the early exit has added.</summary>
    private StepBatch Rewritten(StepBatch batch, long exitMicros)
    {
        StepBatch rewritten = new() { Epoch = batch.Epoch, Step = batch.Step, ExitMicros = Math.Max(exitMicros, batch.ExitMicros) };
        rewritten.Closes.AddRange(batch.Closes);
        rewritten.Opens.AddRange(batch.Opens);
        rewritten.Copies.AddRange(batch.Copies);
        for (int i = 0; i < _running.Count; i++)
        {
            SequenceRows rows = _running[i];
            int length = _forward[i].RowCount;
            rewritten.Sequences.Add(length == rows.Tokens.Length ? rows : Shortened(rows, length));
        }
        rewritten.Dropped.AddRange(batch.Dropped);
        rewritten.Dropped.AddRange(_dropped);
        return rewritten;
    }

    private static SequenceRows Shortened(SequenceRows rows, int length) => new()
    {
        Slot = rows.Slot,
        BaseLength = rows.BaseLength,
        PrefixHash = rows.PrefixHash,
        Tokens = rows.Tokens[..length],
        KnownCount = rows.KnownCount,
        Parents = rows.Parents.Length == 0 ? [] : rows.Parents[..(length - rows.KnownCount)],
        DraftLaws = rows.DraftLaws,
        Sample = rows.Sample,
        TruncateBlocks = rows.TruncateBlocks,
        NewBlocks = rows.NewBlocks,
        KeepPath = rows.KeepPath,
        HeadTokens = rows.HeadTokens,
        HeadWidth = rows.HeadWidth,
        HeadDepth = rows.HeadDepth,
        ExitDrafted = Math.Min(rows.ExitDrafted, length - rows.KnownCount),
        WantsCandidates = rows.WantsCandidates,
    };
}
