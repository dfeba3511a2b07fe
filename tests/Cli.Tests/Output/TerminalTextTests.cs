using Winnow.Cli.Output;

namespace Winnow.Cli.Tests.Output;

/// <summary>Text of model files cannot steer a terminal.</summary>
public sealed class TerminalTextTests
{
    [Theory]
    [InlineData("a\u001b[2Jb\r\nc\u009b\u2028d", " [2J")]
    [InlineData("é€Ġ", "é€Ġ")]
    public void OneLine_ControlCharacters_BecomeSpaces(string text, string expected)
    {
        string line = TerminalText.OneLine(text, 100);

        Assert.Contains(expected, line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
        Assert.Equal(text.Length, line.Length);
    }

    [Theory]
    [InlineData(5, "abcde")]
    [InlineData(4, "abc…")]
    public void OneLine_LongText_IsCut(int limit, string expected) => Assert.Equal(expected, TerminalText.OneLine("abcde", limit));
}
