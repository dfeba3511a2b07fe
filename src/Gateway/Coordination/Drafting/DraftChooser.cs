using Microsoft.Extensions.Logging;
using Winnow.Gateway.Coordination.Calibration;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Execution;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// The drafters of a coordinator, and which of them drafts for which sequence in the next step: the one that the request or the model's setting names, or for
/// <c>auto</c> the one that is expected to gain most. Drafters that guess from tokens are asked here. Owned by the loop.
/// </summary>
/// <remarks>
/// <c>auto</c> needs no lots: every guess, verified or not, is compared with what the target drew, so that each drafter's acceptance is known for each sequence
/// without trying it. Only the draft model, which costs time, is known from what was verified alone.
/// </remarks>
internal sealed partial class DraftChooser
{
    // By grade: what following a single token, a few, and many is worth at first.
    private static readonly double[] GuessPriors = [0.3, 0.5, 0.7, 0.85];
    private static readonly double[] ModelPriors = [0.6, 0.6, 0.6, 0.6];

    private readonly string _model;
    private readonly CoordinatorOptions _options;
    private readonly string _defaultName;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CostTable _target = new();
    private readonly ProbeBudget _probes = new();
    private readonly GoodputTrials _trials = new();
    private DraftSource[] _sources;
    private int _vocabularySize;

    /// <summary>Starts with the draft model alone.</summary>
    public DraftChooser(string model, CoordinatorOptions options, TimeProvider time, ILogger logger)
    {
        _model = model;
        _options = options;
        _defaultName = options.ModelDrafters.TryGetValue(model, out string? own) ? own : options.Drafter;
        _time = time;
        _logger = logger;
        Model = Source(0, DrafterNames.DraftModel, null);
        Head = Source(1, DrafterNames.Eagle3, new HeadGuesses());
        Exit = Source(2, DrafterNames.Kangaroo, null);
        _sources = [Model, Head, Exit];
    }

    /// <summary>Makes the drafters from tokens for a vocabulary; those that come with Winnow unless set otherwise.</summary>
    public Func<int, IReadOnlyList<ITokenDrafter>> FromTokens { get; set; } = TokenDrafters.CreateAll;

    /// <summary>The draft model.</summary>
    public DraftSource Model { get; }

    /// <summary>The shards' rows for draft nodes off their sequence's main chain; without any all drafts are chains.</summary>
    public int ScratchRows { get; set; }

    /// <summary>The last shard's trained head.</summary>
    public DraftSource Head { get; private set; }

    /// <summary>The first shard's early exit.</summary>
    public DraftSource Exit { get; private set; }

    /// <summary>Under which trial a step is sent now.</summary>
    public TrialStamp Trial => _trials.Stamp;

    /// <summary>A step's result was taken: whether drafting pays is known from what steps bring.</summary>
    /// <param name="trial">What <see cref="Trial"/> was when it was sent.</param>
    /// <param name="samplesAll">No prompt chunk was in it.</param>
    /// <param name="step">What it brought.</param>
    public void ObserveGoodput(TrialStamp trial, bool samplesAll, StepYield step)
    {
        DraftScope before = _trials.Scope;
        TrialEvent change = _trials.Observe(trial, samplesAll, step, _time);
        if (change != TrialEvent.None)
        {
            TrialChanged(_logger, change, trial.Batch, before);
        }
    }

    /// <summary>A step of so many rows took so long, from sending to its result.</summary>
    /// <param name="rows">Rows of the step.</param>
    /// <param name="samplesAll">No prompt chunk was among them: its rows need no logits, and would make drafts look cheaper than they are.</param>
    /// <param name="elapsed">Time taken.</param>
    public void ObserveTarget(int rows, bool samplesAll, TimeSpan elapsed)
    {
        if (samplesAll)
        {
            _target.Observe(rows, elapsed.TotalSeconds);
        }
        _probes.Earn(elapsed);
        foreach (DraftSource source in _sources)
        {
            source.Budget.Earn(elapsed);
        }
    }

    /// <summary>Begins with what was measured before serving.</summary>
    public void Calibrate(ReplicaCosts costs)
    {
        costs.Steps.ForEach(_target.Seed);
        costs.Drafts.ForEach(Model.Lengths.SeedDraft);
    }

    /// <summary>Serves a replica; the drafters from tokens keep what they know as long as the vocabulary is the same.</summary>
    public void Attach(bool hasModel, int vocabularySize, bool hasHead, bool hasExit)
    {
        Model.IsThere = hasModel;
        if (vocabularySize > 0 && vocabularySize != _vocabularySize)
        {
            _vocabularySize = vocabularySize;
            _sources = [Model, .. FromTokens(vocabularySize).Append(new ForcedGuesses()).Append(new HeadGuesses()).Select((drafter, i) => Source(i + 1, drafter.Name, drafter))];
            Head = _sources[^1];
            Exit = Source(_sources.Length, DrafterNames.Kangaroo, null);
            _sources = [.. _sources, Exit];
        }
        Head.IsThere = hasHead;
        Exit.IsThere = hasExit;
        _trials.Reset();
    }

    /// <summary>Whether the request, the sequence's state and its room allow a draft in the next step.</summary>
    public bool MayDraft(RunningSequence sequence) =>
        sequence.KnownCount == 1 && (sequence.Request.Speculation.FixedDraftTokens ?? (int)_trials.Scope) != 0 && Uses(sequence) != DrafterNames.None && LongestOf(sequence) > 0;

    /// <summary>Tokens that the draft model should prepare for the step after the next; 0 when it does not draft for the sequence.</summary>
    public int AheadTokens(RunningSequence sequence)
    {
        // Branches are chains, and come without the distributions that some rules ask for.
        bool isItsTurn = sequence.WantedWidth == 1 && MayUse(sequence, Model) && (sequence.Drafter is null || sequence.Drafter == Model) && !AcceptanceRules.NeedsLaw(sequence.Request.Sampling.Rule);
        return isItsTurn ? Math.Max(0, Math.Min(sequence.Request.Speculation.FixedDraftTokens ?? Model.Lengths.Longest, LongestOf(sequence) - 1)) : 0;
    }

    /// <summary>
    /// Decides who drafts how much for each sequence of a group. Guesses from tokens are written to the sequences at once; for the draft model
    /// <see cref="RunningSequence.WantedDrafts"/> says what to ask for.
    /// </summary>
    /// <param name="group">Sequences of the next step.</param>
    /// <param name="rooms">Most draft tokens of each by the step's limits; lowered here to what each may have.</param>
    /// <param name="askModel">The draft model can be asked for this step.</param>
    /// <param name="batch">Sequences that run, in this group and others.</param>
    public void Choose(List<RunningSequence> group, Span<int> rooms, bool askModel, int batch)
    {
        BeginTrial(group, batch);
        ChooseDrafts(group, rooms, askModel);
        foreach (RunningSequence sequence in group)
        {
            AskHead(sequence);
            sequence.WantsCandidates = WantsCandidates(sequence);
        }
    }

    /// <summary>The head drafts with the result: what the next step may verify.</summary>
    public void TakeHeadGuess(RunningSequence sequence, SequenceResult result)
    {
        if (result.HeadTokens.Length > 0 && sequence.DraftsOf.Length > Head.Index)
        {
            SequenceDrafts drafts = sequence.DraftsOf[Head.Index];
            drafts.Memory ??= Head.FromTokens!.Open();
            ((HeadGuesses.Sequence)drafts.Memory).Take(sequence.Count, result);
        }
    }

    /// <summary>The last shard tells which tokens the target held likeliest after each row of a step that was verified.</summary>
    /// <param name="sequence">The sequence, before what the step brought is committed.</param>
    /// <param name="candidates">Of the last known token's row, then of its drafts'; what cannot be true is ignored.</param>
    public void TakeCandidates(RunningSequence sequence, ReadOnlySpan<int> candidates)
    {
        int columns = Math.Min(SequenceResult.MostCandidates, _vocabularySize);
        int rows = columns > 0 ? candidates.Length / columns : 0;
        if (rows == 0 || rows * columns != candidates.Length || rows > 1 + sequence.Sent.Count || candidates.ContainsAnyExceptInRange(0, _vocabularySize - 1))
        {
            return;
        }
        foreach (DraftSource source in _sources)
        {
            for (int row = 0; row < rows && source.FromTokens is ICandidateLearner learner; row++)
            {
                learner.Learn(row == 0 ? sequence.Tokens[^1] : sequence.Sent.Tokens[row - 1], candidates.Slice(row * columns, columns));
            }
        }
    }

    // They cost the last shard time. As with the head, who is drafted for by another learns now and then, so that its guesses can become better.
    private bool WantsCandidates(RunningSequence sequence)
    {
        bool wanted = false;
        foreach (DraftSource source in _sources)
        {
            if (source.FromTokens is ICandidateLearner && MayUse(sequence, source) && sequence.Request.Speculation.FixedDraftTokens != 0)
            {
                SequenceDrafts drafts = sequence.DraftsOf[source.Index];
                bool isUsed = (Uses(sequence) == source.Name || sequence.Drafter == source) && (sequence.Request.Speculation.FixedDraftTokens > 0 || source.Lengths.Longest > 0);
                bool isTaught = isUsed || drafts.StepsUntaught >= _options.DraftProbeSteps;
                drafts.StepsUntaught = isTaught ? 0 : drafts.StepsUntaught + 1;
                wanted |= isTaught;
            }
        }
        return wanted;
    }

    /// <summary>The head took so long in a step.</summary>
    /// <param name="sequences">Sequences of the step.</param>
    /// <param name="samplesAll">No prompt chunk was among them, which the head reads too.</param>
    /// <param name="elapsed">Time taken.</param>
    public void ObserveHead(List<RunningSequence> sequences, bool samplesAll, TimeSpan elapsed) =>
        ObservePart(Head, sequences, static sequence => sequence.HeadTokens, samplesAll, elapsed, sequences.Exists(static sequence => sequence.HeadTokens > 0 && sequence.HeadWidth > 1));

    /// <summary>The first shard's early exit took so long in a step.</summary>
    /// <param name="sequences">Sequences of the step, before their results are taken.</param>
    /// <param name="samplesAll">No prompt chunk was among them, which the exit's adapter reads too.</param>
    /// <param name="elapsed">Time taken.</param>
    public void ObserveExit(List<RunningSequence> sequences, bool samplesAll, TimeSpan elapsed) =>
        ObservePart(Exit, sequences, static sequence => sequence.SentExitTokens, samplesAll, elapsed, areTrees: false);

    private static void ObservePart(DraftSource source, List<RunningSequence> sequences, Func<RunningSequence, int> tokensOf, bool samplesAll, TimeSpan elapsed, bool areTrees)
    {
        int asked = 0;
        int longest = 0;
        foreach (RunningSequence sequence in sequences)
        {
            asked += tokensOf(sequence) > 0 ? 1 : 0;
            longest = Math.Max(longest, tokensOf(sequence));
        }
        if (asked == 0 || !samplesAll || elapsed <= TimeSpan.Zero)
        {
            return;
        }
        if (areTrees)
        {
            source.Lengths.ObserveTreeDraft(asked, longest, elapsed);
        }
        else
        {
            source.Lengths.ObserveDraft(asked, longest, elapsed);
        }
        source.Instruments.Took(elapsed);
    }

    // Who is not drafted for by the head asks it now and then, so that it is known what it would bring.
    private void AskHead(RunningSequence sequence)
    {
        SpeculationOptions wants = sequence.Request.Speculation;
        (sequence.HeadTokens, sequence.HeadWidth) = (0, 1);
        if (!MayUse(sequence, Head) || wants.FixedDraftTokens == 0)
        {
            return;
        }
        int room = Math.Min(Math.Min(_options.MaxDraftTokens, wants.MostDraftTokens), sequence.Request.MaxTokens - sequence.Generated - 2);
        bool isChosen = Uses(sequence) == Head.Name || sequence.Drafter == Head;
        bool isProbed = ++sequence.StepsWithoutHead > _options.DraftProbeSteps;
        int wanted = isChosen && Head.Lengths.Longest > 0 ? Head.Lengths.Longest : isProbed ? _options.InitialDraftTokens : 0;
        sequence.HeadTokens = Math.Clamp(wants.FixedDraftTokens ?? wanted, 0, Math.Max(0, room));
        if (sequence.HeadTokens > 0)
        {
            sequence.StepsWithoutHead = 0;
            DraftRoom shape = Head.Lengths.GuessRoom(sequence, room, _vocabularySize);
            (sequence.HeadWidth, sequence.HeadDepth) = (shape.Width, room);
            sequence.HeadTokens = shape.Width > 1 ? shape.Nodes : sequence.HeadTokens;
        }
    }

    private void ChooseDrafts(List<RunningSequence> group, Span<int> rooms, bool askModel)
    {
        bool anyRoom = false;
        for (int i = 0; i < group.Count; i++)
        {
            Prepare(group[i]);
            group[i].TreeRoom = TreeRoomOf(group[i], rooms[i], group.Count);
            rooms[i] = MayDraft(group[i]) ? Math.Min(rooms[i], LongestOf(group[i])) : 0;
            anyRoom |= rooms[i] > 0;
        }
        if (!anyRoom)
        {
            return;
        }
        for (int i = 1; i < _sources.Length; i++)
        {
            if (_sources[i].FromTokens is not null)
            {
                Ask(_sources[i], group, rooms);
            }
        }
        for (int i = 0; i < group.Count; i++)
        {
            if (rooms[i] > 0)
            {
                Pick(group[i], ref rooms[i], askModel);
            }
        }
        foreach (DraftSource source in _sources)
        {
            source.Lengths.Choose(group, rooms);
        }
        TakeGuesses(group);
    }

    /// <summary>A step of a sequence was verified: every drafter learns how its guess did.</summary>
    /// <param name="sequence">The sequence; <see cref="RunningSequence.SentDrafts"/> are those verified.</param>
    /// <param name="drawn">Tokens the target drew.</param>
    /// <param name="accepted">Drafts among them.</param>
    public void Observe(RunningSequence sequence, ReadOnlySpan<int> drawn, int accepted)
    {
        for (int i = 1; i < sequence.DraftsOf.Length; i++)
        {
            SequenceDrafts drafts = sequence.DraftsOf[i];
            if (drafts.Guess.Count > 0)
            {
                _sources[i].Lengths.ObserveOutcome(drafts, drafts.Guess, drawn);
                drafts.Guess.Clear();
            }
        }
        if (sequence.SentDrafts > 0 && sequence.SentDrafter is { FromTokens: null } asked)
        {
            asked.Lengths.ObserveOutcome(sequence.DraftsOf[asked.Index], sequence.Sent, drawn);
        }
        sequence.SentDrafter?.Budget.Gain(accepted);
        sequence.StepsWithoutDraft = sequence.SentDrafts > 0 ? 0 : sequence.StepsWithoutDraft + 1;
    }

    /// <summary>A sequence ended: drafters may learn from it for others.</summary>
    public void Close(RunningSequence sequence)
    {
        for (int i = 1; i < sequence.DraftsOf.Length; i++)
        {
            if (sequence.DraftsOf[i].Memory is { } memory)
            {
                long started = _time.GetTimestamp();
                memory.Close(sequence.Tokens);
                Charge(_sources[i], started);
            }
        }
        sequence.DraftsOf = [];
    }

    private DraftSource Source(int index, string name, ITokenDrafter? fromTokens) => new(index, name, fromTokens,
        new DraftLengthPolicy(_options, index, _target, _probes, isAsked: fromTokens is null or HeadGuesses, fromTokens is null or HeadGuesses ? ModelPriors : GuessPriors, drawsTrees: name != DrafterNames.Kangaroo),
        new DrafterInstruments(_model, name));

    private string Uses(RunningSequence sequence) => sequence.Request.Speculation.Drafter ?? _defaultName;

    private bool MayUse(RunningSequence sequence, DraftSource source) =>
        source.IsThere && (source.FromTokens is not ForcedGuesses || sequence.Grammar is not null)
        && (sequence.Request.Speculation.FixedDraftTokens is not null || Scope(source) <= _trials.Scope)
        && Uses(sequence) is string name && (name == source.Name || name == DrafterNames.Auto);

    private static DraftScope Scope(DraftSource source) => source.FromTokens is null or HeadGuesses ? DraftScope.All : DraftScope.Tokens;

    // Fixed lengths are the client's to answer for.
    private void BeginTrial(List<RunningSequence> group, int batch)
    {
        bool fromTokens = false;
        bool computed = false;
        foreach (RunningSequence sequence in group)
        {
            string name = sequence.Request.Speculation.FixedDraftTokens is null && _options.MaxDraftTokens > 0 ? Uses(sequence) : DrafterNames.None;
            foreach (DraftSource source in _sources)
            {
                bool isUsed = source.IsThere && (name == source.Name || name == DrafterNames.Auto);
                fromTokens |= isUsed && Scope(source) == DraftScope.Tokens;
                computed |= isUsed && Scope(source) == DraftScope.All;
            }
        }
        DraftScope before = _trials.Scope;
        _trials.Begin(batch, fromTokens, computed, _target.IsKnown ? batch / _target.At(group.Count) : 0);
        foreach (DraftSource source in _sources)
        {
            if (Scope(source) > before && Scope(source) <= _trials.Scope)
            {
                source.Lengths.Restart();
            }
        }
    }

    /// <summary>What the draft model may propose for a sequence.</summary>
    public DraftRoom RoomOf(RunningSequence sequence) =>
        new(sequence.WantedDrafts, sequence.WantedDepth, sequence.WantedWidth, _vocabularySize);

    // The shards' scratch rows are shared by the sequences of a step; what lies on the main chain needs none. A rule that judges by what drafts were drawn from
    // must not have them chosen by their chances.
    private int TreeRoomOf(RunningSequence sequence, int rows, int sequences) =>
        sequence.Request.Speculation.Shape == DraftShape.Chain || sequence.Request.Sampling.Rule == AcceptanceRule.Rejection ? 0 : Math.Min(Math.Min(rows, _options.MaxTreeNodes), 1 + (ScratchRows / sequences));

    // Never past max_tokens: the target adds one token of its own to those accepted.
    private int LongestOf(RunningSequence sequence) => Math.Min(
        Math.Min(_options.MaxDraftTokens, sequence.Request.Speculation.MostDraftTokens), sequence.Request.MaxTokens - sequence.Generated - 1);

    private void Prepare(RunningSequence sequence)
    {
        sequence.Drafts.Clear();
        sequence.DraftLaws = [];
        sequence.WantedDrafts = 0;
        sequence.ExitTokens = 0;
        sequence.WantedWidth = 1;
        sequence.Drafter = null;
        if (sequence.DraftsOf.Length != _sources.Length)
        {
            Close(sequence);
            sequence.DraftsOf = new SequenceDrafts[_sources.Length];
            for (int i = 0; i < _sources.Length; i++)
            {
                sequence.DraftsOf[i] = new SequenceDrafts();
            }
        }
    }

    private void Ask(DraftSource source, List<RunningSequence> group, ReadOnlySpan<int> rooms)
    {
        long started = _time.GetTimestamp();
        bool any = false;
        for (int i = 0; i < group.Count; i++)
        {
            SequenceDrafts drafts = group[i].DraftsOf[source.Index];
            drafts.Guess.Clear();
            if (rooms[i] > 0 && !drafts.IsBarred && MayUse(group[i], source) && (source.Budget.IsOpen || source == Head || Uses(group[i]) == source.Name))
            {
                any = true;
                Ask(source, group[i], drafts, rooms[i]);
            }
        }
        if (any)
        {
            Charge(source, started);
        }
    }

    private void Charge(DraftSource source, long started)
    {
        TimeSpan elapsed = _time.GetElapsedTime(started);
        source.Budget.Pay(elapsed);
        source.Instruments.Took(elapsed);
    }

    // The guess holds only what is well-formed; a drafter that throws has done with the sequence.
    private void Ask(DraftSource source, RunningSequence sequence, SequenceDrafts drafts, int room)
    {
        try
        {
            drafts.Memory ??= source.FromTokens!.Open();
            if (drafts.Memory is ForcedGuesses.Sequence forced)
            {
                forced.Grammar = sequence.Grammar;
            }
            drafts.Guess.Begin(source.Lengths.GuessRoom(sequence, room, _vocabularySize));
            drafts.Grade = Math.Clamp(drafts.Memory.Propose(sequence.Tokens, drafts.Guess), 0, GuessGrades.Count - 1);
        }
        catch (Exception exception)
        {
            drafts.IsBarred = true;
            drafts.Memory = null;
            drafts.Guess.Clear();
            GuessFailed(_logger, source.Name, exception);
        }
    }

    // The best of those that may draft; where none pays, the likeliest stays chosen, so that its length is weighed on.
    private void Pick(RunningSequence sequence, ref int room, bool askModel)
    {
        double best = -1;
        int bestRoom = 0;
        foreach (DraftSource source in _sources)
        {
            int limit = source.FromTokens is not null ? sequence.DraftsOf[source.Index].Guess.Count
                : MayUse(sequence, source) && (source == Exit || askModel) ? room : 0;
            double value = limit > 0 ? source.Lengths.ValueOf(sequence, limit) : -1;
            if (value > best)
            {
                (best, bestRoom, sequence.Drafter) = (value, limit, source);
            }
        }
        room = bestRoom;
    }

    private void TakeGuesses(List<RunningSequence> group)
    {
        foreach (RunningSequence sequence in group)
        {
            if (sequence.Drafter == Exit)
            {
                (sequence.ExitTokens, sequence.WantedDrafts) = (sequence.WantedDrafts, 0);
            }
            else if (sequence.Drafter is { } source && source != Model)
            {
                sequence.Drafts.CopyFrom(sequence.DraftsOf[source.Index].Guess);
                sequence.Drafts.Cut(sequence.WantedDrafts);
                sequence.WantedDrafts = 0;
            }
        }
    }
}
