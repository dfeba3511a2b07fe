using Winnow.Contracts.Grains;
using Winnow.Inference.Cache;

namespace Winnow.Silo.Placement;

/// <summary>A worker as a plan sees it.</summary>
/// <param name="Record">The worker.</param>
/// <param name="FreeBytes">Memory that nobody else claims.</param>
/// <param name="Speed">Weight bytes it reads per second, shared with the other replicas it serves.</param>
internal sealed record PlanWorker(WorkerRecord Record, long FreeBytes, double Speed)
{
    /// <summary>Stored form of its keys and values.</summary>
    public KvType KvType { get; } = KvTypes.TryParse(Record.KvType, out KvType type) ? type : KvType.F16;

    /// <summary>Devices of it that share every layer.</summary>
    public int Devices => Record.Devices;

    /// <summary>Sees workers as the plans of one replica do.</summary>
    /// <param name="workers">All that may be used, and more: speeds are compared among them.</param>
    /// <param name="own">The replica, whose own claims count as free memory; empty when they do not.</param>
    /// <remarks>
    /// Workers of equal devices count as equally fast, by the median of what they measured: what differs between them is noise. Without any
    /// measure every worker counts as one unit.
    /// </remarks>
    public static IReadOnlyList<PlanWorker> Of(IReadOnlyList<WorkerRecord> workers, string own)
    {
        Dictionary<string, double> devices = workers.GroupBy(w => w.Device, StringComparer.Ordinal)
            .ToDictionary(g => g.Key, g => Median([.. g.Select(Measured).Where(speed => speed > 0)]), StringComparer.Ordinal);
        double unknown = Median([.. devices.Values.Where(speed => speed > 0)]);
        return
        [
            .. workers.Select(w =>
            {
                MemoryClaim[] others = [.. w.Claims.Where(c => own.Length == 0 || c.Replica != own)];
                double alone = devices[w.Device] > 0 ? devices[w.Device] : unknown > 0 ? unknown : 1;
                int sharers = others.Select(c => c.Replica).Distinct(StringComparer.Ordinal).Count();
                return new PlanWorker(w, w.MemoryBytes - others.Sum(c => c.Bytes), alone / (1 + sharers));
            }),
        ];
    }

    /// <summary>Round trip to another worker in seconds, by what either measured; 0 when neither did.</summary>
    public double SecondsTo(PlanWorker other) => Math.Max(Measured(Record, other.Record), Measured(other.Record, Record));

    private static double Measured(WorkerRecord from, WorkerRecord to) => from.Links.FirstOrDefault(link => link.Address == to.Address)?.Seconds ?? 0;

    private static double Measured(WorkerRecord worker) => worker.WeightBytesPerSecond > 0 ? worker.WeightBytesPerSecond : worker.CopyBytesPerSecond;

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length == 0 ? 0 : values[values.Length / 2];
    }
}
