namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>What a measured time says of the expected one.</summary>
internal static class TimeError
{
    private const double MostSlower = 0.3;
    private const double MostFaster = 3;
    private const double Sudden = 0.5;
    private const double SuddenHaste = 5;

    /// <summary>
    /// The logarithm of measured over expected, cut: one that took much longer counts as one that took somewhat longer, because a pause says nothing of the next time, while
    /// nothing is ever faster than it can be.
    /// </summary>
    /// <param name="seconds">Measured time, above 0.</param>
    /// <param name="expected">Expected time, above 0.</param>
    /// <param name="haste">How much more than others it weighs: one that was much faster shows that what was known came from cold code or a busy machine.</param>
    public static double Of(double seconds, double expected, out double haste)
    {
        double error = Math.Clamp(Math.Log(seconds / expected), -MostFaster, MostSlower);
        haste = error < -Sudden ? SuddenHaste : 1;
        return error;
    }
}
