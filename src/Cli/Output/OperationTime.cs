using System.Text.Json.Serialization;
using Winnow.Cli.Bench;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Cli.Output;

/// <summary>One kind of operation in a step.</summary>
/// <param name="Operation">Its name, or <c>other</c>: sampling, checks and what lies between the operations.</param>
/// <param name="Type">Type of its weights, <c>mixed</c>, or empty without weights.</param>
/// <param name="Calls">Times that it is done.</param>
/// <param name="Ms">Time of all calls.</param>
/// <param name="Share">Of the step's time.</param>
/// <param name="WaitShare">Part of its own time in which the calling thread waited for the others.</param>
/// <param name="Bytes">Weights, keys and values that it reads.</param>
/// <param name="MultiplyAdds">Multiply-adds.</param>
internal sealed record OperationTime(string Operation, string Type, double Calls, double Ms, double Share, double WaitShare, long Bytes, long MultiplyAdds)
{
    /// <summary>Name of what no operation accounts for.</summary>
    public const string Other = "other";

    private const double GigaPerMs = 1e6;

    /// <summary>Bytes over time.</summary>
    public double GbPerSecond => Rate(Bytes);

    /// <summary>Multiply-adds over time.</summary>
    public double GmacPerSecond => Rate(MultiplyAdds);

    /// <summary>The type whose kernel is the measure of it: attention is computed in floats, as are types that are mixed.</summary>
    [JsonIgnore]
    public GgmlType Kernel { get; init; } = GgmlType.F32;

    /// <summary>Times of a step from those of a run, longest first.</summary>
    /// <param name="totals">What the run did.</param>
    /// <param name="seconds">How long it took.</param>
    /// <param name="steps">Steps of it.</param>
    public static IReadOnlyList<OperationTime> From(IReadOnlyList<OperationTotal> totals, double seconds, int steps)
    {
        double other = Math.Max(0, seconds - totals.Sum(total => total.Seconds));
        return
        [
            .. totals.Select(total => From(total, seconds, steps)).OrderByDescending(operation => operation.Ms),
            new OperationTime(Other, "", 1, Math.Round(other * 1000 / steps, 4), Math.Round(other / seconds, 4), 0, 0, 0),
        ];
    }

    private static OperationTime From(OperationTotal total, double seconds, int steps) => new(
        NameOf(total.Kind),
        total.TypeName,
        (double)total.Calls / steps,
        Math.Round(total.Seconds * 1000 / steps, 4),
        Math.Round(total.Seconds / seconds, 4),
        Math.Round(total.Seconds > 0 ? total.WaitSeconds / total.Seconds : 0, 4),
        total.Bytes / steps,
        total.MultiplyAdds / steps)
    {
        Kernel = total.Type ?? GgmlType.F32,
    };

    private static string NameOf(OperationKind kind) => kind switch
    {
        OperationKind.Norm => "norm + quantise",
        OperationKind.QueryKeyValue => "q, k, v",
        OperationKind.RotateAndStore => "rotate + store",
        OperationKind.AttentionOutput => "attention output",
        OperationKind.AttentionResult => "quantise attention",
        OperationKind.GateUp => "gate, up",
        OperationKind.LogitFinish => "finish logits",
        _ => kind.ToString().ToLowerInvariant(),
    };

    private double Rate(long amount) => Ms > 0 ? Math.Round(amount / Ms / GigaPerMs, 2) : 0;
}
