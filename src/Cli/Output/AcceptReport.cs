using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow accept</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record AcceptReport
{
    private const int WidthWithoutTerminal = 160;

    public required string Model { get; init; }

    public required string Draft { get; init; }

    public required int Prompts { get; init; }

    public required IReadOnlyList<AcceptResult> Results { get; init; }

    /// <summary>Writes it for people or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.AcceptReport));
            return;
        }
        output.WriteLine($"model {Model}, draft {Draft}, {Prompts} prompts");
        var table = new Table().AddColumns("temperature", "rule", "drafts", "length", "steps", "first kept", "1-TV", "(1-TV)/(1+TV)", "shared noise, exact", "tokens/step", "kept of drafted");
        foreach (AcceptResult result in Results)
        {
            table.AddRow(
                Text(result.Temperature, "0.0"), result.Rule, Text(result.Width), Text(result.Length), Text(result.Steps), Text(result.FirstKept), Text(result.Optimum),
                Text(result.CoupledFloor), Text(result.Coupled), Text(result.TokensPerStep), Text(result.Acceptance));
        }
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }
        console.Write(table);
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Text(double value, string format = "0.000") => value.ToString(format, CultureInfo.InvariantCulture);
}

/// <summary>One rule over all prompts.</summary>
internal sealed record AcceptResult
{
    public required double Temperature { get; init; }

    public required string Rule { get; init; }

    /// <summary>Drafts side by side.</summary>
    public required int Width { get; init; }

    /// <summary>Tokens of a draft.</summary>
    public required int Length { get; init; }

    /// <summary>Steps with drafts.</summary>
    public required int Steps { get; init; }

    /// <summary>Part of the steps that kept a draft at all.</summary>
    public required double FirstKept { get; init; }

    /// <summary>Mean of 1 - TV where the drafts of the steps began.</summary>
    public required double Optimum { get; init; }

    /// <summary>Mean of (1 - TV) / (1 + TV) there.</summary>
    public required double CoupledFloor { get; init; }

    /// <summary>Mean of what one draft with shared noise keeps there.</summary>
    public required double Coupled { get; init; }

    /// <summary>Accepted drafts plus the target's own token.</summary>
    public required double TokensPerStep { get; init; }

    /// <summary>Accepted over drafted tokens.</summary>
    public required double Acceptance { get; init; }
}
