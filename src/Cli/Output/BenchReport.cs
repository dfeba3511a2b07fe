using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow bench</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record BenchReport
{
    private const int WidthWithoutTerminal = 160;

    public required string Model { get; init; }

    public required string? Draft { get; init; }

    /// <summary>Who was asked to draft; <see langword="null"/> when it was left to the model's setting.</summary>
    public string? Drafter { get; init; }

    public required int Threads { get; init; }

    public required string Device { get; init; }

    public required IReadOnlyList<BenchResult> Results { get; init; }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.BenchReport));
            return;
        }
        output.WriteLine($"model {Model}, draft {Draft ?? "none"}, drafter {Drafter ?? "as set"}, {Threads} threads, {Device}");
        var table = new Table().AddColumns("batch", "speculation", "prefill tok/s", "decode tok/s", "total tok/s", "TTFT ms", "accept length", "acceptance", "peak MiB", "pauses", "runs");
        foreach (BenchResult result in Results)
        {
            table.AddRow(
                Text(result.Batch), result.Speculation ? "on" : "off", Text(result.PrefillTokensPerSecond, "0"), Text(result.DecodeTokensPerSecond, "0.0"), Text(result.TokensPerSecond, "0.0"),
                Text(result.TimeToFirstTokenMs, "0.0"), Text(result.AcceptLength, "0.00"), Text(result.Acceptance, "0.0%"),
                Text(result.PeakMemoryBytes / 1048576.0, "0"), result.Pauses is { } pauses ? Text(pauses) : "", Text(result.Runs));
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }
        console.Write(table);
    }

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>Medians of the runs at one batch size.</summary>
internal sealed record BenchResult
{
    public required int Batch { get; init; }

    /// <summary>Whether draft tokens were used.</summary>
    public required bool Speculation { get; init; }

    public required double PrefillTokensPerSecond { get; init; }

    public required double DecodeTokensPerSecond { get; init; }

    /// <summary>Decode speed of every run, in their order.</summary>
    public required IReadOnlyList<double> DecodeSamples { get; init; }

    /// <summary>All generated tokens over all of the time, prompts and waiting included.</summary>
    public required double TokensPerSecond { get; init; }

    public required double TimeToFirstTokenMs { get; init; }

    /// <summary>Tokens per target step and sequence: accepted drafts plus one.</summary>
    public required double AcceptLength { get; init; }

    /// <summary>The same of every run.</summary>
    public required IReadOnlyList<double> AcceptLengthSamples { get; init; }

    /// <summary>Accepted over drafted tokens; 0 without speculation.</summary>
    public required double Acceptance { get; init; }

    /// <summary>The same of every run.</summary>
    public required IReadOnlyList<double> AcceptanceSamples { get; init; }

    /// <summary>Peak resident memory of all processes that compute.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>Sequences paused for others in all runs, because KV pages ran short; <see langword="null"/> on a cluster.</summary>
    public required long? Pauses { get; init; }

    public required int Runs { get; init; }
}
