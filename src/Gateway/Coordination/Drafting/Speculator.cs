using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Gets drafts for the loop's steps: guesses from tokens at once, those of the draft model from what it has prepared (docs/speculation.md), or by asking it. Checks
/// what it says: a drafter is never trusted, only used. Not thread-safe: the coordinator's loop owns it; calls report back through the loop's inbox.
/// </summary>
internal sealed partial class Speculator : IDisposable
{
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelWriter<LoopEvent> _inbox;
    private readonly ILogger _logger;
    private readonly OpenDraftCalls _calls;
    private readonly List<RunningSequence> _undecided = [];
    private readonly List<long> _closes = [];
    private readonly AheadPolicy _ahead;
    private readonly AheadInstruments _instruments;
    private readonly BranchInbox _branches;
    private int[] _rooms = [];
    private IDraftClient? _drafter;
    private int _vocabularySize;

    /// <summary>Starts without a drafter.</summary>
    public Speculator(string model, CoordinatorOptions options, TimeProvider time, ChannelWriter<LoopEvent> inbox, ILogger logger)
    {
        _options = options;
        _time = time;
        _inbox = inbox;
        _logger = logger;
        _calls = new OpenDraftCalls(options.DraftDeadline, time, () => inbox.TryWrite(new LoopEvent(LoopEventKind.DraftsLate)));
        _ahead = new AheadPolicy(options.DraftAhead);
        _instruments = new AheadInstruments(model);
        _branches = new BranchInbox(() => inbox.TryWrite(new LoopEvent(LoopEventKind.Branches)));
        Chooser = new DraftChooser(model, options, time, logger);
    }

    /// <summary>The drafters, and which of them drafts for whom.</summary>
    public DraftChooser Chooser { get; }

    /// <summary>Steps that wait for their drafts.</summary>
    public int WaitingSteps => _calls.WaitingSteps;

    /// <summary>Steps that took drafts from what had been prepared.</summary>
    public long AheadHits { get; private set; }

    /// <summary>Steps that found nothing prepared.</summary>
    public long AheadMisses { get; private set; }

    /// <summary>Of the hits those whose outcome only the first shard's early exit had brought up.</summary>
    public long AheadMirrorHits { get; private set; }

    /// <summary>Uses another drafter, which knows nothing yet, or none.</summary>
    public void Attach(IDraftClient? drafter, int vocabularySize, bool hasHead, bool hasExit, IEnumerable<RunningSequence> sequences)
    {
        _calls.Abandon();
        _drafter = drafter;
        _vocabularySize = vocabularySize;
        _ahead.Reset();
        drafter?.OnBranches(_branches.Add);
        Chooser.Attach(drafter is not null, vocabularySize, hasHead, hasExit);
        _closes.Clear();
        foreach (RunningSequence sequence in sequences)
        {
            sequence.SetDrafterLength(0);
            sequence.IsKnownToDrafter = false;
        }
    }

    /// <summary>Forgets the calls that are out, and lets go what waits for them.</summary>
    public void Dispose() => _calls.Dispose();

    /// <summary>
    /// Gets drafts for those of a group that are worth it. Sequences that have to wait for the draft model's answer are taken out of the group.
    /// </summary>
    /// <param name="group">Sequences of the next step.</param>
    /// <param name="reservedRows">Rows of the step to leave for prompt chunks.</param>
    /// <param name="isSeparable">Those that need not wait may go at once; otherwise the group stays together.</param>
    /// <param name="batch">Sequences that run, in this group and others.</param>
    public void Begin(List<RunningSequence> group, int reservedRows, bool isSeparable, int batch)
    {
        _undecided.Clear();
        foreach (RunningSequence sequence in group)
        {
            if (!sequence.HasDrafts)
            {
                _undecided.Add(sequence);
            }
        }
        if (_undecided.Count == 0)
        {
            return;
        }
        Decide(Math.Max(0, (_options.MaxStepTokens - reservedRows - group.Count) / group.Count), batch);
        OpenDraftCall? call = null;
        foreach (RunningSequence sequence in _undecided)
        {
            sequence.HasDrafts = true;
            sequence.IsPrepared = false;
            sequence.MirrorTokens = _ahead.IsOn && Chooser.Exit.IsThere && Chooser.AheadTokens(sequence) > 0 ? _options.MirrorCandidates : 0;
            if (sequence.Drafter == Chooser.Model && sequence.WantedDrafts > 0 && !TakePrepared(sequence))
            {
                call ??= _calls.Create();
                call.Queries.Add(Ask(call, sequence));
            }
        }
        if (call is null)
        {
            return;
        }
        if (!isSeparable)
        {
            foreach (RunningSequence sequence in group)
            {
                Hold(call, sequence);
            }
        }
        group.RemoveAll(static sequence => sequence.IsDrafting);
        Call(call);
    }

    /// <summary>A step has been sent: the draft model is told what is verified, so that it can prepare for what comes of it.</summary>
    public void Sent(List<RunningSequence> sequences)
    {
        if (!_ahead.IsOn || !CanCall)
        {
            return;
        }
        OpenDraftCall? call = null;
        foreach (RunningSequence sequence in sequences)
        {
            int tokens = sequence.SentSample && !sequence.IsPrepared ? Chooser.AheadTokens(sequence) : 0;
            if (tokens > 0)
            {
                call ??= _calls.Create();
                call.Queries.Add(Query(call, sequence, 0, sequence.Sent.MainChain(), tokens, _ahead.TimeAhead));
            }
        }
        if (call is not null)
        {
            Call(call);
        }
    }

    /// <summary>A step without prompt chunks took so long.</summary>
    public void ObserveStep(TimeSpan elapsed) => _ahead.ObserveStep(elapsed);

    /// <summary>Tells the drafter of ended sequences when no call would do so soon.</summary>
    public void FlushCloses()
    {
        if (_drafter is not null && _calls.AreNone && _closes.Count > 0)
        {
            Call(_calls.Create());
        }
    }

    /// <summary>A sequence ended.</summary>
    public void Close(RunningSequence sequence)
    {
        Chooser.Close(sequence);
        _branches.Remove(sequence.Id);
        if (sequence.IsKnownToDrafter)
        {
            _closes.Add(sequence.Id);
            sequence.IsKnownToDrafter = false;
        }
    }

    /// <summary>The drafter answered.</summary>
    public void Accept(long round, DraftAnswer answer)
    {
        if (_calls.Take(round) is not { } call)
        {
            return;
        }
        if (answer.Error is not null)
        {
            DraftFailed(_logger, answer.Error);
        }
        else if (answer.Proposals is not null)
        {
            ObserveCost(call, answer.Proposals.Count);
            foreach (DraftProposal proposal in answer.Proposals)
            {
                Accept(call, proposal);
            }
        }
        call.Release();
    }

    /// <summary>The drafter may be late: steps go without drafts, and nothing is asked before it has answered.</summary>
    public void GiveUpLate()
    {
        while (_calls.TakeLate() is { } call)
        {
            call.Release();
            DraftLate(_logger, _options.DraftDeadline.TotalMilliseconds);
        }
    }

    /// <summary>Takes in branches that the draft model has pushed.</summary>
    public void TakeBranches()
    {
        foreach ((RunningSequence? sequence, DraftBranch branch) in _branches.Take())
        {
            _instruments.Received(sequence?.Prepared?.Add(sequence, branch) ?? false);
        }
        _ahead.ObserveBranches(_branches.TakeTime());
    }

    /// <summary>The first shard's early exit tells what it expects of steps that are on their way: the draft model may prepare for it.</summary>
    /// <param name="mirrors">By slot; unchecked.</param>
    /// <param name="running">The sequences that run.</param>
    public void Mirror(IReadOnlyList<DraftMirror> mirrors, IReadOnlyList<RunningSequence> running)
    {
        List<DraftMirror> told = new(mirrors.Count);
        foreach (DraftMirror mirror in mirrors)
        {
            foreach (RunningSequence sequence in running)
            {
                if (sequence.Slot == mirror.Sequence && sequence.InFlight && sequence.Prepared is not null && mirror.Length == sequence.Count)
                {
                    told.Add(mirror with { Sequence = sequence.Id });
                }
            }
        }
        if (told.Count > 0)
        {
            _drafter?.Mirror(told);
        }
    }

    private bool CanCall => _drafter is not null && _calls.CanAsk;

    private void Decide(int room, int batch)
    {
        if (_rooms.Length < _undecided.Count)
        {
            _rooms = new int[Math.Max(_undecided.Count, 2 * _rooms.Length)];
        }
        Span<int> rooms = _rooms.AsSpan(0, _undecided.Count);
        rooms.Fill(room);
        Chooser.Model.Lengths.AskShare = _ahead.AskShare;
        Chooser.Choose(_undecided, rooms, askModel: CanCall, batch);
    }

    // Whether nothing is to be asked: it was prepared, or asking would take longer than it brings.
    private bool TakePrepared(RunningSequence sequence)
    {
        if (!_ahead.IsOn || sequence.WantedWidth > 1)
        {
            return false;
        }
        bool isHit = false;
        if (sequence.Prepared is not null)
        {
            sequence.Drafts.Begin(DraftRoom.ForChain(sequence.WantedDrafts, _vocabularySize));
            sequence.Drafts.Take(sequence.Prepared.Take(sequence), [], []);
            isHit = sequence.Drafts.Count > 0;
            _ahead.ObserveLookup(isHit);
            _instruments.LookedUp(isHit);
            if (isHit && sequence.Prepared.TookMirrored)
            {
                AheadMirrorHits++;
                _instruments.Mirrored();
            }
            (AheadHits, AheadMisses) = isHit ? (AheadHits + 1, AheadMisses) : (AheadHits, AheadMisses + 1);
        }
        bool goes = isHit || (sequence.Request.Speculation.FixedDraftTokens is null
            && !_ahead.WaitPays(Chooser.Model.Lengths.ExpectedTokens(sequence, sequence.WantedDrafts)));
        sequence.WantedDrafts = goes ? 0 : sequence.WantedDrafts;
        return goes;
    }

    private DraftQuery Ask(OpenDraftCall call, RunningSequence sequence)
    {
        call.Asked++;
        call.Longest = Math.Max(call.Longest, sequence.WantedDrafts);
        call.AsksForTree |= sequence.WantedWidth > 1;
        call.CatchesUp |= sequence.Count - sequence.DrafterLength > SpeculationOptions.MaxDraftTokens + 1;
        Hold(call, sequence);
        int ahead = _ahead.IsOn ? Chooser.AheadTokens(sequence) : 0;
        sequence.IsPrepared = ahead > 0;
        return Query(call, sequence, sequence.WantedDrafts, [], ahead, _ahead.StepTime);
    }

    private static void Hold(OpenDraftCall call, RunningSequence sequence)
    {
        if (sequence.DraftCall is null)
        {
            sequence.DraftCall = call;
            call.Waiting.Add(sequence);
        }
    }

    private DraftQuery Query(OpenDraftCall call, RunningSequence sequence, int drafts, int[] verifying, int ahead, TimeSpan time)
    {
        int known = sequence.DrafterLength;
        sequence.IsKnownToDrafter = true;
        call.Told.Add((sequence, sequence.Count));
        if (ahead > 0)
        {
            sequence.Prepared ??= new BranchCache();
            _branches.Expect(sequence);
        }
        return new DraftQuery
        {
            Sequence = sequence.Id,
            KnownLength = known,
            PrefixHash = sequence.DrafterHash,
            NewTokens = sequence.Tokens[known..].ToArray(),
            DraftTokens = drafts,
            TreeWidth = drafts > 0 ? sequence.WantedWidth : 0,
            TreeDepth = drafts > 0 ? sequence.WantedDepth : 0,
            LeastChance = LeastChanceOf(sequence),
            PromptTokens = sequence.PromptCount,
            Sampling = known == 0 ? sequence.Request.Sampling : null,
            Verifying = verifying,
            AheadTokens = ahead,
            AheadTime = time,
        };
    }

    private double LeastChanceOf(RunningSequence sequence) => _options.StopThreshold > 0 ? 1 - _options.StopThreshold
        : sequence.Request.Speculation.FixedDraftTokens is null ? Chooser.Model.Lengths.Worth : 0;

    private void Call(OpenDraftCall call)
    {
        long[] closes = [.. _closes];
        _closes.Clear();
        if (call.Queries.Exists(static query => query.AheadTokens > 0))
        {
            _ahead.ObserveRound();
        }
        _calls.Add(call);
        _ = CallAsync(_drafter!, call.Queries, closes, call.Round, _calls.Abandoned);
    }

    private async Task CallAsync(IDraftClient drafter, List<DraftQuery> queries, long[] closes, long round, CancellationToken cancellation)
    {
        DraftAnswer answer;
        try
        {
            answer = new DraftAnswer(await drafter.ProposeAsync(queries, closes, cancellation).ConfigureAwait(false), null);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            answer = new DraftAnswer([], null);
        }
        catch (Exception exception)
        {
            // Whatever a drafter does, it only costs speed; the loop logs it.
            answer = new DraftAnswer(null, exception);
        }
        _inbox.TryWrite(new LoopEvent(LoopEventKind.Drafts, round, answer));
    }

    // What came too late has cost its time all the same.
    private void ObserveCost(OpenDraftCall call, int proposals)
    {
        if (call.Told.Count == 0 || proposals < call.Told.Count)
        {
            return;
        }
        if (!call.IsLate && call.Asked > 0)
        {
            _calls.ObserveInTime();
        }
        if (call.CatchesUp)
        {
            return;
        }
        TimeSpan elapsed = _time.GetElapsedTime(call.StartedAt);
        _ahead.ObserveAnswer(elapsed, call.Asked > 0);
        if (call.Asked > 0)
        {
            if (call.AsksForTree)
            {
                Chooser.Model.Lengths.ObserveTreeDraft(call.Asked, call.Longest, elapsed);
            }
            else
            {
                Chooser.Model.Lengths.ObserveDraft(call.Asked, call.Longest, elapsed);
            }
            Chooser.Model.Instruments.Took(elapsed);
        }
    }

    // Proposals are untrusted: unknown and repeated sequences are ignored, too many tokens are cut, and one that is malformed cuts the rest.
    private void Accept(OpenDraftCall call, DraftProposal? proposal)
    {
        int index = call.Told.FindIndex(told => told.Sequence.Id == proposal?.Sequence);
        if (index < 0)
        {
            return;
        }
        (RunningSequence sequence, int length) = call.Told[index];
        call.Told.RemoveAt(index);
        if (proposal!.NeedPrefix)
        {
            sequence.SetDrafterLength(0);
            return;
        }
        sequence.SetDrafterLength(Math.Max(length, sequence.DrafterLength));
        if (sequence.DraftCall != call || sequence.WantedDrafts == 0)
        {
            return;
        }
        sequence.Drafts.Begin(Chooser.RoomOf(sequence));
        sequence.Drafts.Take(proposal.Tokens, proposal.Parents, proposal.Confidences);
        Chooser.Model.Lengths.CutToWorth(sequence);
        sequence.DraftLaws = CheckedLaws(sequence, proposal);
        sequence.Prepared?.SetChain(sequence, proposal.Parents.Length == 0 ? proposal.Tokens : []);
    }

    // One that cannot be true is left out: its draft then counts as certain.
    private DraftLaw?[] CheckedLaws(RunningSequence sequence, DraftProposal proposal)
    {
        if (!AcceptanceRules.NeedsLaw(sequence.Request.Sampling.Rule) || proposal.Laws is not { Length: > 0 } laws)
        {
            return [];
        }
        var sound = new DraftLaw?[Math.Min(laws.Length, sequence.Drafts.Count)];
        for (int i = 0; i < sound.Length; i++)
        {
            sound[i] = laws[i]?.IsSound(_vocabularySize) == true ? laws[i] : null;
        }
        return sound;
    }
}
