namespace Winnow.Hosting.Tests;

/// <summary>Flags become configuration values, and mistakes in them become one line that says what is allowed.</summary>
public sealed class CommandLineTests
{
    private static readonly ProcessRole Role = new()
    {
        Name = "worker",
        Section = "Worker",
        Description = "A worker.",
        Flags = [new("--threads", "Worker:Threads", "N", "threads"), new("--insecure", "Worker:Insecure", null, "no token")],
    };

    [Theory]
    [InlineData("--threads", "2")]
    [InlineData("--threads=2")]
    [InlineData("--Worker:Threads", "2")]
    [InlineData("--Worker:Threads=2")]
    public void Parse_EveryForm_SetsTheKey(params string[] args)
    {
        CommandLine sut = CommandLine.Parse(Role, args);

        Assert.Equal("2", sut.Values["worker:threads"]);
    }

    [Fact]
    public void Parse_Switch_DoesNotSwallowTheNextFlag()
    {
        CommandLine sut = CommandLine.Parse(Role, ["--insecure", "--threads", "2"]);

        Assert.Equal("true", sut.Values["Worker:Insecure"]);
        Assert.Equal("2", sut.Values["Worker:Threads"]);
    }

    [Theory]
    [InlineData("--thread", "Flag '--thread' is not known")]
    [InlineData("2", "Argument '2' is not a flag")]
    [InlineData("--threads", "Flag '--threads' has no value")]
    public void Parse_WrongArgument_ThrowsUsageException(string argument, string expected)
    {
        UsageException exception = Assert.Throws<UsageException>(() => CommandLine.Parse(Role, [argument]));

        Assert.StartsWith(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Usage_Always_ListsRoleAndCommonFlags()
    {
        string usage = CommandLine.Usage(Role);

        Assert.Contains("--threads N", usage, StringComparison.Ordinal);
        Assert.Contains("--ready-json", usage, StringComparison.Ordinal);
        Assert.Contains("WINNOW_Worker__OPTION", usage, StringComparison.Ordinal);
    }
}
