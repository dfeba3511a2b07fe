namespace Winnow.Gateway.Coordination.Calibration;

/// <summary>What was timed on a replica before it served.</summary>
internal sealed class ReplicaCosts
{
    /// <summary>Least seconds of a step, by its rows; those that there was time for.</summary>
    public SortedDictionary<int, double> Steps { get; } = [];

    /// <summary>Least seconds of a round of drafts, by sequences and tokens for each.</summary>
    public Dictionary<(int Sequences, int Tokens), double> Rounds { get; } = [];

    /// <summary>The last step that was sent: numbers must go on from there.</summary>
    public long LastStep { get; set; }

    /// <summary>Slots that are left open on the shards.</summary>
    public List<int> OpenSlots { get; } = [];

    /// <summary>Keeps the least time.</summary>
    public static void Keep<T>(IDictionary<T, double> times, T of, double seconds) =>
        times[of] = times.TryGetValue(of, out double least) ? Math.Min(least, seconds) : seconds;
}
