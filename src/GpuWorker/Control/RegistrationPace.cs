namespace Winnow.GpuWorker.Control;

/// <summary>
/// How long a worker waits before it registers again: twice as long each time a registration did not last, and every worker by a share of its own, so that not all
/// come at the same moment to a silo that has just started.
/// </summary>
/// <param name="first">About the shortest wait.</param>
/// <param name="longest">The longest; a registration that lasted so long was a good one.</param>
/// <param name="share">This worker's share, from 0 to 1.</param>
internal sealed class RegistrationPace(TimeSpan first, TimeSpan longest, double share)
{
    private int _short;

    /// <summary>The next wait: half to one and a half of what doubling gives, and never more than the longest.</summary>
    /// <param name="lasted">How long the registration lasted that has just ended.</param>
    public TimeSpan After(TimeSpan lasted)
    {
        _short = lasted < longest ? _short + 1 : 1;
        TimeSpan wait = first * Math.Pow(2, Math.Min(_short, 30) - 1) * (0.5 + share);
        return wait < longest ? wait : longest;
    }
}
