using Winnow.Cli.Tests.Support;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary>Every command has a help, and docs/cli.md names every command and flag.</summary>
public sealed class HelpTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "cli.md"));

    [Fact]
    public async Task Help_OfTheTool_ListsTheCommands()
    {
        string help = (await Tool.RunAsync("--help")).Text();

        foreach (string command in new[] { "run", "up", "tokens", "bench", "accept", "tokenize", "detokenize", "inspect", "render", "plan", "models", "workers" })
        {
            Assert.Contains($"\n  {command} ", help, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("run")]
    [InlineData("up")]
    [InlineData("tokens")]
    [InlineData("bench")]
    [InlineData("accept")]
    [InlineData("tokenize")]
    [InlineData("detokenize")]
    [InlineData("inspect")]
    [InlineData("render")]
    [InlineData("plan")]
    [InlineData("models load")]
    [InlineData("models unload")]
    [InlineData("models scale")]
    [InlineData("workers drain")]
    [InlineData("workers resume")]
    public async Task Help_OfACommand_NamesFlagsThatTheDocumentHasToo(string command)
    {
        string help = (await Tool.RunAsync([.. command.Split(' '), "--help"])).Text();

        string[] flags = [.. help.Split('\n').Select(line => line.Trim().Split(' ')[0]).Where(word => word.StartsWith("--", StringComparison.Ordinal))];
        Assert.NotEmpty(flags);
        Assert.All(flags, flag => Assert.Contains(flag, Document, StringComparison.Ordinal));
        Assert.Contains($"`{command.Split(' ')[0]}", Document, StringComparison.Ordinal);
    }
}
