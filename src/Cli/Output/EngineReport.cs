using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow bench</c> prints of the engine alone; the JSON names are documented in docs/cli.md.</summary>
internal sealed record EngineReport
{
    private const int WidthWithoutTerminal = 160;
    private const double Mebi = 1048576;

    public required string Model { get; init; }

    /// <summary>Instruction set and processors.</summary>
    public required string Device { get; init; }

    public required int Threads { get; init; }

    public required string KvType { get; init; }

    /// <summary>Time to load the model and its tokeniser.</summary>
    public required double LoadMs { get; init; }

    /// <summary>Time from the start of loading to the token after a prompt of one token.</summary>
    public required double FirstTokenMs { get; init; }

    /// <summary>Tokens of KV cache at which memory was read.</summary>
    public required int Context { get; init; }

    public required long ResidentBytes { get; init; }

    /// <summary>The part of it that is no file mapping.</summary>
    public required long ResidentAnonymousBytes { get; init; }

    public required IReadOnlyList<EngineResult> Results { get; init; }

    /// <summary>What the machine can do at most; <see langword="null"/> unless asked for.</summary>
    public RooflineReport? Roofline { get; init; }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.EngineReport));
            return;
        }
        output.WriteLine($"model {Model}, {Device}, {Threads} threads, KV {KvType}");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"loaded in {LoadMs:0} ms, first token after {FirstTokenMs:0} ms, resident {ResidentBytes / Mebi:0} MiB ({ResidentAnonymousBytes / Mebi:0} MiB no file) at a context of {Context}"));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }
        console.Write(Speeds());
        foreach (EngineResult result in Results)
        {
            if (result.Operations is { } operations)
            {
                output.WriteLine($"one step of {result.Work} {result.Count} at depth {result.Depth}");
                console.Write(Profile(operations));
            }
        }
        if (Roofline is { } roofline)
        {
            output.WriteLine(roofline.ReadGbPerSecondOneThread is { } one
                ? string.Create(CultureInfo.InvariantCulture, $"reading memory: {roofline.ReadGbPerSecond:0.0} GB/s with {Threads} threads, {one:0.0} with one")
                : string.Create(CultureInfo.InvariantCulture, $"a copy reads and writes {roofline.ReadGbPerSecond:0.0} GB/s"));
            foreach ((string type, double peak) in roofline.PeakGmacPerSecond)
            {
                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{type} kernel in the cache: {peak:0} GMAC/s"));
            }
        }
    }

    private Table Speeds()
    {
        var table = new Table().AddColumns("work", "count", "depth", "tok/s", "spread", "over one", "step ms", "GB/s", "of memory", "GMAC/s", "of kernels");
        foreach (EngineResult result in Results)
        {
            table.AddRow(
                result.Work, Text(result.Count), Text(result.Depth), Text(result.TokensPerSecond, "0.00"), $"{Text(result.Samples.Min(), "0.00")} to {Text(result.Samples.Max(), "0.00")}",
                Text(result.OverOne, "0.00"), Text(result.StepMs, "0.000"), Text(result.GbPerSecond, "0.0"), Text(result.MemoryFraction, "0%"), Text(result.GmacPerSecond, "0.0"), Text(result.KernelFraction, "0%"));
        }
        return table;
    }

    private static Table Profile(IReadOnlyList<OperationTime> operations)
    {
        var table = new Table().AddColumns("operation", "weights", "calls", "ms", "share", "waiting", "GB/s", "GMAC/s");
        foreach (OperationTime operation in operations)
        {
            table.AddRow(
                operation.Operation, operation.Type, Text(operation.Calls, "0.#"), Text(operation.Ms, "0.000"), Text(operation.Share, "0.0%"),
                Text(operation.WaitShare, "0.0%"), Text(operation.GbPerSecond, "0.0"), Text(operation.GmacPerSecond, "0.0"));
        }
        return table;
    }

    private static string Text(double? value, string format = "0") => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
