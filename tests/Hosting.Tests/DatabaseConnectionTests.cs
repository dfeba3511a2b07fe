using Winnow.Tests.Common;

namespace Winnow.Hosting.Tests;

/// <summary>Connection strings come from one place, and their text never shows.</summary>
public sealed class DatabaseConnectionTests : IDisposable
{
    private const string Text = "Host=db;Database=winnow;Password=hidden";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Read_File_GivesItsTextWithoutTheLineEnd()
    {
        string file = Path.Combine(_folder.Root, "connection");
        File.WriteAllText(file, Text + "\n");

        Assert.Equal(Text, DatabaseConnection.Read("", file));
        Assert.Null(Failure("", file));
    }

    [Fact]
    public void Check_Text_Succeeds() => Assert.Null(Failure(Text, ""));

    [Theory]
    [InlineData("", "")]
    [InlineData(Text, "some-file")]
    [InlineData("", "no-such-file")]
    [InlineData("hidden", "")]
    public void Check_NoneOrBothOrNoSettings_IsOneFailureWithoutTheText(string text, string file)
    {
        string failure = Failure(text, file)!;

        Assert.Contains("Silo:ConnectionString", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failure, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static string? Failure(string text, string file)
    {
        OptionChecks checks = new("Silo");
        DatabaseConnection.Check(checks, "Silo", text, file);
        return checks.ToResult().FailureMessage;
    }
}
