using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Winnow.KernelBench;

/// <summary>Everything that was measured; docs/devices.md explains the table.</summary>
internal sealed record BenchReport
{
    private static readonly ReportJson Json = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    });

    /// <summary>What <c>--device</c> calls it.</summary>
    public required string Device { get; init; }

    /// <summary>The maker's name for it.</summary>
    public required string Model { get; init; }

    /// <summary>Compute capability; empty where there is none.</summary>
    public required string Capability { get; init; }

    /// <summary>Driver; empty where there is none.</summary>
    public required string Driver { get; init; }

    /// <summary>Variants of the kernels.</summary>
    public required string Kernels { get; init; }

    /// <summary>Tiny sizes: the figures mean nothing.</summary>
    public required bool IsQuick { get; init; }

    /// <summary>What the device can do at most.</summary>
    public required Ceilings Ceilings { get; init; }

    /// <summary>The table.</summary>
    public required IReadOnlyList<Figure> Figures { get; init; }

    /// <summary>One JSON object.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json.BenchReport);

    /// <summary>A table in Markdown.</summary>
    public void WriteMarkdown(TextWriter output)
    {
        string about = string.Join(", ", new[] { Model, Named("capability", Capability), Named("driver", Driver), $"{Kernels} kernels" }.Where(part => part.Length > 0));
        output.WriteLine($"`{Device}`: {about}.{(IsQuick ? " **Tiny sizes: the figures mean nothing.**" : "")}");
        output.WriteLine(Text($"Ceilings: a copy reads and writes {Ceilings.CopyGbPerSecond:0.0} GB/s (measured); dense bf16 {Rate(Ceilings)}."));
        output.WriteLine();
        output.WriteLine("| what | form | median, µs | least to most | speed | of | share | goal | reached |");
        output.WriteLine("|---|---|--:|--:|--:|---|--:|--:|---|");
        foreach (Figure figure in Figures)
        {
            bool isRatio = figure.Of == "one";
            output.WriteLine(Text(
                $"| {figure.What} | `{figure.Form}` | {figure.Micros:0.00} | {figure.LeastMicros:0.00} to {figure.MostMicros:0.00} | {figure.Value:0.##} {figure.Unit} | {figure.Of} | {Share(figure.Share, isRatio)} | {Share(figure.Goal, isRatio)} | {Reached(figure)} |"));
        }
    }

    private static string Named(string name, string value) => value.Length == 0 ? "" : $"{name} {value}";

    private static string Rate(Ceilings ceilings) =>
        ceilings.BrainTflopPerSecond is { } rate ? Text($"{rate:0.0} TFLOP/s ({ceilings.BrainSource})") : ceilings.BrainSource;

    private static string Share(double? share, bool isRatio) => share is not { } value ? "" : isRatio ? Text($"{value:0.0}x") : Text($"{100 * value:0.0} %");

    private static string Reached(Figure figure) => figure.IsReached switch { true => "yes", false => "**no**", _ => "" };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>How the report is written.</summary>
[JsonSerializable(typeof(BenchReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
