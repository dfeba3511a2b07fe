namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>What a measured time says of the expected one.</summary>
internal static class TimeError
{
    private const double MostSlower = 0.3;
    private const double MostFaster = 0.8;

    /// <summary>
    /// The logarithm of measured over expected, cut: one that took much longer counts as one that took somewhat longer, because a pause says nothing of the next time, while
    /// nothing is ever faster than it can be.
    /// </summary>
    /// <param name="seconds">Measured time, above 0.</param>
    /// <param name="expected">Expected time, above 0.</param>
    public static double Of(double seconds, double expected) => Math.Clamp(Math.Log(seconds / expected), -MostFaster, MostSlower);
}
