namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// Time that may go into drafts which are not expected to pay, but show whether that has changed: a hundredth of the time that steps take, for all drafters
/// together. It does not pile up: after a probe it begins at nothing.
/// </summary>
internal sealed class ProbeBudget
{
    private const double Share = 0.01;
    private double _seconds;

    /// <summary>A step took so long.</summary>
    public void Earn(TimeSpan step) => _seconds += Share * step.TotalSeconds;

    /// <summary>Takes the budget for a probe that costs so much, if it has come together.</summary>
    public bool TrySpend(double seconds)
    {
        if (_seconds < seconds)
        {
            return false;
        }
        _seconds = 0;
        return true;
    }
}
