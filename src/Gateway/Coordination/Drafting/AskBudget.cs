namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// What a drafter may cost while <c>auto</c> only looks at it: a thousandth of the time that steps take, and a twentieth of a step for each of its drafts
/// that was accepted. It begins with enough for a long prompt.
/// </summary>
internal sealed class AskBudget
{
    private const double Share = 0.001;
    private const double ShareOfAccepted = 0.05;
    private const double Most = 0.005;

    // A thread that was not running looks like a dear drafter.
    private const double MostAtOnce = 0.004;
    private double _seconds = Most;
    private double _step;

    /// <summary>There is something left.</summary>
    public bool IsOpen => _seconds > 0;

    /// <summary>A step took so long.</summary>
    public void Earn(TimeSpan step)
    {
        _step = step.TotalSeconds;
        _seconds = Math.Min(Most, _seconds + (Share * _step));
    }

    /// <summary>Drafts were accepted, each of which saved a step or, in a batch, a part of one.</summary>
    public void Gain(int accepted) => _seconds = Math.Min(Most, _seconds + (accepted * ShareOfAccepted * _step));

    /// <summary>Asking took so long.</summary>
    public void Pay(TimeSpan cost) => _seconds -= Math.Min(MostAtOnce, cost.TotalSeconds);
}
