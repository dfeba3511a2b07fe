namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Whether the draft model is to draft ahead, and whether a sequence for which it has prepared nothing waits for an answer or takes a step without drafts. Both from what was
/// measured: how long an answer takes (A), how long a step takes (S), how often there was something prepared (h), and how long preparing took (C).
/// </summary>
/// <remarks>
/// Drafting ahead saves <c>h A</c> a step. Its price is counted as if the draft model ran on the target's cores, <c>C</c>: nobody here can tell, and where it does not it is
/// small beside a link's delay. It is tried for a few rounds first, and again now and then while it is off.
/// Waiting for an answer costs A once. Not waiting costs a step that brings one token instead of E, and the next one finds something with h only: so waiting is better when
/// <c>h A &lt; S (1 - 1/E)</c>.
/// </remarks>
internal sealed class AheadPolicy(DraftAheadMode mode)
{
    private const double Weight = 0.1;
    private const double FirstHitShare = 0.6;
    private const double LeastHitShare = 0.15;
    private const int TrialRounds = 16;
    private const int StepsBetweenTrials = 4096;

    private double _ask;
    private double _roundTrip;
    private double _step;
    private double _hits = FirstHitShare;
    private double _price;
    private double _spent;
    private int _rounds;
    private int _stepsOff;

    /// <summary>The draft model drafts ahead now.</summary>
    public bool IsOn { get; private set; } = mode == DraftAheadMode.On;

    /// <summary>Time that a step is expected to take; zero before it is known.</summary>
    public TimeSpan StepTime => TimeSpan.FromSeconds(_step);

    /// <summary>Part of the drafts that need an answer of the draft model.</summary>
    public double AskShare => IsOn ? 1 - _hits : 1;

    /// <summary>Time between a step's start and its result that is left for drafting when the draft model is told at the start.</summary>
    public TimeSpan TimeAhead => TimeSpan.FromSeconds(Math.Max(0.001, _step - _roundTrip));

    /// <summary>A drafter that nothing is known of.</summary>
    public void Reset()
    {
        (_ask, _roundTrip, _price, _spent, _rounds, _stepsOff, _hits) = (0, 0, 0, 0, 0, 0, FirstHitShare);
        IsOn = mode == DraftAheadMode.On;
    }

    /// <summary>A step without prompt chunks took so long.</summary>
    public void ObserveStep(TimeSpan elapsed)
    {
        _step = _step == 0 ? elapsed.TotalSeconds : _step + (Weight * (elapsed.TotalSeconds - _step));
        if (mode == DraftAheadMode.Auto && !IsOn && _ask > 0 && (_rounds == 0 || ++_stepsOff >= StepsBetweenTrials))
        {
            (_rounds, _stepsOff, _price, _spent, _hits, IsOn) = (0, 0, 0, 0, FirstHitShare, true);
        }
    }

    /// <summary>The draft model answered after so long.</summary>
    /// <param name="elapsed">From asking to the answer.</param>
    /// <param name="drafted">It drafted for it and did not have to catch up with a prompt.</param>
    public void ObserveAnswer(TimeSpan elapsed, bool drafted)
    {
        double seconds = elapsed.TotalSeconds;
        _roundTrip = _roundTrip == 0 || seconds < _roundTrip ? seconds : _roundTrip * 1.002;
        if (drafted)
        {
            _ask = _ask == 0 ? seconds : _ask + (Weight * (seconds - _ask));
        }
    }

    /// <summary>Drafts were looked for in what was prepared.</summary>
    public void ObserveLookup(bool hit) => _hits += Weight / 2 * ((hit ? 1 : 0) - _hits);

    /// <summary>Branches came that took so long to draft.</summary>
    public void ObserveBranches(TimeSpan spent) => _spent += spent.TotalSeconds;

    /// <summary>The draft model was told what a step verifies.</summary>
    public void ObserveRound()
    {
        _rounds++;
        double weight = Math.Max(Weight, 1.0 / _rounds);
        _price += weight * (_spent - _price);
        _spent = 0;
        if (mode == DraftAheadMode.Auto && _rounds >= TrialRounds)
        {
            IsOn = _hits >= LeastHitShare && _hits * _ask > _price;
        }
    }

    /// <summary>Whether a step that found nothing prepared does better to wait for an answer.</summary>
    /// <param name="tokens">Tokens it is expected to bring with drafts, the target's own with them.</param>
    public bool WaitPays(double tokens) => !IsOn || Math.Max(LeastHitShare, _hits) * _ask < _step * (1 - (1 / tokens));
}
