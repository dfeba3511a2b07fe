using System.Text.Json;

namespace Winnow.Cli.Tests.Support;

/// <summary>What the tool left behind.</summary>
internal sealed record ToolResult(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts that it succeeded and printed exactly one JSON object, a line, on stdout.</summary>
    public JsonElement Json()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}");
        Assert.Single(Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        using JsonDocument document = JsonDocument.Parse(Output);
        Assert.Equal(JsonValueKind.Object, document.RootElement.ValueKind);
        return document.RootElement.Clone();
    }

    /// <summary>Asserts that it succeeded and answers with stdout.</summary>
    public string Text()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}");
        return Output;
    }

    /// <summary>Asserts exit code 1 and one line that says why.</summary>
    public void AssertFailed(params string[] mentions)
    {
        string line = Assert.Single(Lines());
        AssertLines(1, [line], mentions);
    }

    /// <summary>Asserts exit code 2 and a line for each mistake.</summary>
    public void AssertBadUsage(params string[] mentions) => AssertLines(2, Lines(), mentions);

    private string[] Lines() => Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void AssertLines(int exitCode, string[] lines, string[] mentions)
    {
        Assert.True(exitCode == ExitCode, $"exit code {ExitCode}, not {exitCode}: {Errors}");
        Assert.Empty(Output);
        Assert.InRange(lines.Length, 1, 3);
        Assert.All(lines, line => Assert.StartsWith("winnow: ", line, StringComparison.Ordinal));
        Assert.All(mentions, mention => Assert.Contains(mention, Errors, StringComparison.Ordinal));
    }
}
