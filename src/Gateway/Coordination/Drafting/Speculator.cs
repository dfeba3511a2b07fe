using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Winnow.Inference.Acceptance;
using Winnow.Inference.Drafting;
using Winnow.Inference.Sampling;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Gets drafts for the loop's steps: guesses from tokens at once, those of the draft model by asking it, one call at a time. Checks what it answers: a drafter
/// is never trusted, only used. Not thread-safe: the coordinator's loop owns it; calls report back through the loop's inbox.
/// </summary>
internal sealed partial class Speculator
{
    private readonly CoordinatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ChannelWriter<LoopEvent> _inbox;
    private readonly ILogger _logger;
    private readonly List<RunningSequence> _group = [];
    private readonly List<long> _closes = [];
    private int[] _rooms = [];
    private IDraftClient? _drafter;
    private CancellationTokenSource? _call;
    private int _vocabularySize;
    private long _round;
    private long _startedAt;
    private int _longestAsked;
    private int _asked;
    private bool _catchesUp;

    /// <summary>Starts without a drafter.</summary>
    public Speculator(string model, CoordinatorOptions options, TimeProvider time, ChannelWriter<LoopEvent> inbox, ILogger logger)
    {
        _options = options;
        _time = time;
        _inbox = inbox;
        _logger = logger;
        Chooser = new DraftChooser(model, options, time, logger);
    }

    /// <summary>The drafters, and which of them drafts for whom.</summary>
    public DraftChooser Chooser { get; }

    /// <summary>A step is waiting for its drafts.</summary>
    public bool IsForming { get; private set; }

    /// <summary>Sequences of that step.</summary>
    public List<RunningSequence> Group => _group;

    /// <summary>Uses another drafter, which knows nothing yet, or none.</summary>
    public void Attach(IDraftClient? drafter, int vocabularySize, IEnumerable<RunningSequence> sequences)
    {
        Abandon();
        _drafter = drafter;
        _vocabularySize = vocabularySize;
        Chooser.Attach(drafter is not null, vocabularySize);
        _closes.Clear();
        foreach (RunningSequence sequence in sequences)
        {
            sequence.SetDrafterLength(0);
            sequence.IsKnownToDrafter = false;
        }
    }

    /// <summary>Forgets the step that is forming and the call that is out, if any.</summary>
    public void Abandon()
    {
        _round++;
        EndForming();
        _call?.Cancel();
        EndCall();
    }

    /// <summary>Whether this sequence had better not go into a step while the draft model works for another.</summary>
    public bool Waits(RunningSequence sequence) => IsForming && Chooser.WaitsForModel(sequence);

    /// <summary>Gets drafts for those of a group that are worth it.</summary>
    /// <param name="group">Sequences of the next step.</param>
    /// <param name="reservedRows">Rows of the step to leave for prompt chunks.</param>
    /// <returns>Whether the step now waits for the draft model; <see langword="false"/> when it can go with what it has.</returns>
    public bool TryBegin(List<RunningSequence> group, int reservedRows)
    {
        if (_rooms.Length < group.Count)
        {
            _rooms = new int[Math.Max(group.Count, 2 * _rooms.Length)];
        }
        Span<int> rooms = _rooms.AsSpan(0, group.Count);
        rooms.Fill(Math.Max(0, (_options.MaxStepTokens - reservedRows - group.Count) / group.Count));
        if (!Chooser.Choose(group, rooms, askModel: _drafter is not null && _call is null))
        {
            return false;
        }
        var queries = new List<DraftQuery>(group.Count);
        _longestAsked = _asked = 0;
        _catchesUp = false;
        foreach (RunningSequence sequence in group)
        {
            sequence.IsDrafting = true;
            _group.Add(sequence);
            if (sequence.Drafter == Chooser.Model && sequence.WantedDrafts > 0)
            {
                queries.Add(QueryFor(sequence));
            }
        }
        IsForming = true;
        Call(queries);
        return true;
    }

    /// <summary>Tells the drafter of ended sequences when no call would do so soon.</summary>
    public void FlushCloses()
    {
        if (_drafter is not null && _call is null && _closes.Count > 0)
        {
            _asked = 0;
            Call([]);
        }
    }

    /// <summary>A sequence ended.</summary>
    public void Close(RunningSequence sequence)
    {
        Chooser.Close(sequence);
        if (sequence.IsKnownToDrafter)
        {
            _closes.Add(sequence.Id);
            sequence.IsKnownToDrafter = false;
        }
    }

    /// <summary>The drafter answered.</summary>
    /// <returns>Whether the step that was forming can go now.</returns>
    public bool Accept(long round, DraftAnswer answer)
    {
        if (round != _round)
        {
            return false;
        }
        EndCall();
        if (answer.Error is not null)
        {
            DraftFailed(_logger, answer.Error);
        }
        else if (IsForming && answer.Proposals is not null)
        {
            ObserveCost(answer.Proposals.Count);
            foreach (DraftProposal proposal in answer.Proposals)
            {
                Accept(proposal);
            }
        }
        return IsForming;
    }

    /// <summary>The drafter is late: the step goes without drafts, and nothing is asked before the drafter has answered.</summary>
    /// <returns>Whether the step that was forming can go now.</returns>
    public bool GiveUp(long round)
    {
        if (round != _round || !IsForming)
        {
            return false;
        }
        DraftLate(_logger, _options.DraftDeadline.TotalMilliseconds);
        return true;
    }

    /// <summary>The forming step has been taken over.</summary>
    public void EndForming()
    {
        foreach (RunningSequence sequence in _group)
        {
            sequence.IsDrafting = false;
            sequence.WantedDrafts = 0;
        }
        _group.Clear();
        IsForming = false;
    }

    private DraftQuery QueryFor(RunningSequence sequence)
    {
        int known = sequence.DrafterLength;
        _asked++;
        _longestAsked = Math.Max(_longestAsked, sequence.WantedDrafts);
        _catchesUp |= sequence.Count - known > SpeculationOptions.MaxDraftTokens + 1;
        sequence.IsKnownToDrafter = true;
        return new DraftQuery
        {
            Sequence = sequence.Id,
            KnownLength = known,
            PrefixHash = sequence.DrafterHash,
            NewTokens = sequence.Tokens[known..].ToArray(),
            DraftTokens = sequence.WantedDrafts,
            PromptTokens = sequence.PromptCount,
            Sampling = known == 0 ? sequence.Request.Sampling : null,
        };
    }

    private void Call(List<DraftQuery> queries)
    {
        long round = ++_round;
        long[] closes = [.. _closes];
        _closes.Clear();
        _call = new CancellationTokenSource(_options.DraftDeadline, _time);
        _startedAt = _time.GetTimestamp();
        _ = CallAsync(_drafter!, queries, closes, round, _call.Token);
    }

    // The loop owns the token source: it is disposed there, when the answer has come or is not wanted any more.
    private void EndCall()
    {
        _call?.Dispose();
        _call = null;
    }

    private async Task CallAsync(IDraftClient drafter, List<DraftQuery> queries, long[] closes, long round, CancellationToken cancellation)
    {
        DraftAnswer answer;
        using CancellationTokenRegistration late = cancellation.Register(() => _inbox.TryWrite(new LoopEvent(LoopEventKind.DraftsLate, round)));
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

    private void ObserveCost(int proposals)
    {
        if (_asked > 0 && proposals >= _asked && !_catchesUp)
        {
            TimeSpan elapsed = _time.GetElapsedTime(_startedAt);
            Chooser.Model.Lengths.ObserveDraft(_asked, _longestAsked, elapsed);
            Chooser.Model.Instruments.Took(elapsed);
        }
    }

    // Proposals are untrusted: unknown and repeated sequences are ignored, too many tokens are cut, and one that is malformed cuts the rest.
    private void Accept(DraftProposal? proposal)
    {
        RunningSequence? sequence = null;
        foreach (RunningSequence candidate in _group)
        {
            if (candidate.Id == proposal?.Sequence && candidate.WantedDrafts > 0 && candidate.IsDrafting)
            {
                sequence = candidate;
                break;
            }
        }
        if (sequence is null)
        {
            return;
        }
        if (proposal!.NeedPrefix)
        {
            sequence.SetDrafterLength(0);
            sequence.WantedDrafts = 0;
            return;
        }
        sequence.Drafts.Begin(DraftRoom.ForChain(sequence.WantedDrafts, _vocabularySize));
        sequence.Drafts.Take(proposal.Tokens, proposal.Parents, proposal.Confidences);
        sequence.DraftLaws = CheckedLaws(sequence, proposal);
        sequence.WantedDrafts = 0;
        sequence.SetDrafterLength(sequence.Count);
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
