namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// The trials of <see cref="GoodputTrials"/> for batches of about one size: one scope holds, and now and then another is tried for some steps and takes its place when it
/// makes more tokens a second.
/// </summary>
internal sealed class BatchTrials
{
    private const int LeastStepsBetween = 32;
    private const int MostStepsBetween = 512;
    private const int LeastSteps = 12;

    // Without drafts every step brings the same, so that few show what they cost.
    private const int LeastStepsOfNone = 4;
    private const int MostStepsOfNone = 32;
    private const int MostSteps = 128;
    private const int StepsWithoutDrafts = 64;

    // Costs are known well enough to leave out a trial that would show drafting to be so much faster than none.
    private const double ClearGain = 1.5;

    // Of all time, what trials may lose against the scope that holds. What a single one lost is made up for within so many steps: code that was cold and a thread that
    // did not run say nothing of the next.
    private const double LossShare = 0.01;
    private const int MostStepsInDebt = 2048;

    // More drafters must be better by something; fewer need not.
    private const double MarginOfMore = 0.02;
    private const double MarginOfFewer = -0.01;

    private readonly ScopeGoodput[] _scopes = [new(), new(), new()];
    private DraftScope? _tried;
    private DraftScope _lastTried;
    private double _budget;
    private double _loss;
    private int _steps;
    private int _stepsBetween = LeastStepsBetween;
    private int _empty;

    /// <summary>The scope that holds; everything until something else has proved better.</summary>
    public DraftScope Holder { get; private set; } = DraftScope.All;

    /// <summary>The scope of steps now.</summary>
    public DraftScope Scope => _tried ?? Holder;

    /// <summary>A measured step ended.</summary>
    /// <param name="batch">Sequences that run.</param>
    /// <param name="step">What it brought.</param>
    /// <param name="seconds">Time since the one before it.</param>
    /// <param name="choices">Scopes that differ from each other in what they let draft.</param>
    /// <param name="plain">Tokens a second that are expected without drafts, as far as costs tell; 0 while they do not.</param>
    /// <returns>What changed.</returns>
    public TrialEvent Add(int batch, StepYield step, double seconds, ReadOnlySpan<DraftScope> choices, double plain)
    {
        ScopeGoodput measured = _scopes[(int)Scope];
        bool differs = measured.Follow(batch);
        measured.Add(step, seconds);
        _steps++;
        _empty = Scope == DraftScope.None || step.Drafted > 0 ? 0 : _empty + 1;
        if (_tried is null)
        {
            if (_empty >= StepsWithoutDrafts)
            {
                // The drafters' own lengths have fallen to 0: asking them is left out too.
                return Hold(DraftScope.None);
            }
            _budget += LossShare * seconds;
            bool isDue = _steps >= _stepsBetween && measured.Steps >= LeastSteps && _budget >= 0;
            return isDue && Next(choices, plain > 0 && measured.TokensPerSecond > ClearGain * plain) is { } next ? Try(next, batch) : TrialEvent.None;
        }
        ScopeGoodput holder = _scopes[(int)Holder];
        _loss += seconds - (step.Tokens / holder.TokensPerSecond);
        return differs || _empty >= MostStepsOfNone ? End(TrialEvent.Undecided) : measured.Steps < (_tried == DraftScope.None ? LeastStepsOfNone : LeastSteps) ? TrialEvent.None : Judge(measured, holder);
    }

    /// <summary>A step ended that says nothing of the steps that follow; a trial ends without a verdict when it has gone on for too long.</summary>
    /// <param name="tokens">Tokens it brought.</param>
    /// <param name="seconds">Time since the one before it, as far as it is known.</param>
    public TrialEvent Miss(int tokens, double seconds)
    {
        if (_tried is null)
        {
            return TrialEvent.None;
        }
        _loss += Math.Max(0, seconds - (tokens / _scopes[(int)Holder].TokensPerSecond));
        return ++_steps > 2 * MostSteps ? End(TrialEvent.Undecided) : TrialEvent.None;
    }

    private TrialEvent Judge(ScopeGoodput tried, ScopeGoodput holder)
    {
        double margin = _tried > Holder ? MarginOfMore : MarginOfFewer;
        double lead = Math.Log(tried.TokensPerSecond / holder.TokensPerSecond) - margin;
        double error = Math.Sqrt(tried.ErrorSquared + holder.ErrorSquared);
        int most = _tried == DraftScope.None ? MostStepsOfNone : MostSteps;
        return lead > error ? End(TrialEvent.Won)
            : lead < -error ? End(TrialEvent.Lost)
            : tried.Steps >= most ? End(TrialEvent.Undecided)
            : TrialEvent.None;
    }

    private TrialEvent Try(DraftScope scope, int batch)
    {
        (_tried, _lastTried, _steps, _loss, _empty) = (scope, scope, 0, 0, 0);
        _scopes[(int)scope].Restart(batch);
        return TrialEvent.Began;
    }

    private TrialEvent End(TrialEvent verdict)
    {
        double most = MostStepsInDebt * LossShare * _scopes[(int)Holder].SecondsPerStep;
        _budget = Math.Clamp(_budget - Math.Max(0, _loss), -most, 0);
        if (verdict == TrialEvent.Won)
        {
            return Hold(_tried!.Value);
        }
        (_tried, _steps, _empty, _stepsBetween) = (null, 0, 0, Math.Min(MostStepsBetween, 2 * _stepsBetween));
        return verdict;
    }

    private TrialEvent Hold(DraftScope scope)
    {
        (Holder, _tried, _steps, _stepsBetween, _empty) = (scope, null, 0, LeastStepsBetween, 0);
        return TrialEvent.Won;
    }

    // In turn, beginning with no drafts at all.
    private DraftScope? Next(ReadOnlySpan<DraftScope> choices, bool gains)
    {
        DraftScope? first = null;
        DraftScope? next = null;
        foreach (DraftScope choice in choices)
        {
            if (choice != Holder && !(gains && choice == DraftScope.None))
            {
                first ??= choice;
                next ??= choice > _lastTried ? choice : null;
            }
        }
        return next ?? first;
    }
}
