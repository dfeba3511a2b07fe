using System.CommandLine;
using Winnow.Cli.Commands;

namespace Winnow.Cli.Tests.Commands;

/// <summary>Flags are checked while the command line is parsed; nothing throws there.</summary>
public sealed class CommandOptionsTests
{
    private readonly Option<int?> _integer = CommandOptions.Integer("--count", "A count.", -2, 8);
    private readonly Option<float?> _number = CommandOptions.Number("--share", "A share.", 0, 1);
    private readonly Option<ulong?> _unsigned = CommandOptions.UnsignedInteger("--seed", "A seed.");

    [Theory]
    [InlineData("", new int[0])]
    [InlineData("7", new[] { 7 })]
    [InlineData(" 1, -2 ,3", new[] { 1, -2, 3 })]
    public void ParseIntegers_OfAList_GivesTheItems(string text, int[] expected) => Assert.Equal(expected, CommandOptions.ParseIntegers("--ids", text));

    [Theory]
    [InlineData("1,,2", "''")]
    [InlineData("1,", "''")]
    [InlineData("1;2", "'1;2'")]
    [InlineData("1.5", "'1.5'")]
    [InlineData("99999999999", "'99999999999'")]
    public void ParseIntegers_OfAnythingElse_IsBadUsage(string text, string item)
    {
        CliException error = Assert.Throws<CliException>(() => CommandOptions.ParseIntegers("--ids", text));

        Assert.Equal(CliException.BadUsage, error.ExitCode);
        Assert.Contains($"--ids has the item {item}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0,9", null)]
    [InlineData("0,10", "'10'")]
    [InlineData("-1", "'-1'")]
    public void ParseIds_OutsideTheVocabulary_IsBadUsage(string text, string? bad)
    {
        Exception? error = Record.Exception(() => CommandOptions.ParseIds("--ids", text, vocabularySize: 10));

        Assert.Equal(bad is null ? null : $"--ids has the id {bad}; ids of this model are 0 to 9.", error?.Message);
    }

    [Theory]
    [InlineData("--count -2 --share 0.5 --seed 18446744073709551615")]
    [InlineData("--count=8 --share=1e-3")]
    [InlineData("")]
    public void Parse_ValuesInRange_HasNoErrors(string line) => Assert.Empty(Parse(line).Errors);

    [Theory]
    [InlineData("--count 9")]
    [InlineData("--count -3")]
    [InlineData("--count 1.5")]
    [InlineData("--count many")]
    [InlineData("--count")]
    [InlineData("--count 1 --count 2")]
    [InlineData("--share 1.01")]
    [InlineData("--share nan")]
    [InlineData("--share 1,5")]
    [InlineData("--seed -1")]
    [InlineData("--seed 18446744073709551616")]
    public void Parse_ValuesOutOfRange_AreErrorsThatNameTheFlag(string line)
    {
        string error = Assert.Single(Parse(line).Errors).Message;

        Assert.Contains(line.Split(' ')[0], error, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Values_AreRead()
    {
        ParseResult parsed = Parse("--count 3 --share 0.25 --seed 5");

        Assert.Equal((3, 0.25f, 5ul), (parsed.GetValue(_integer)!.Value, parsed.GetValue(_number)!.Value, parsed.GetValue(_unsigned)!.Value));
    }

    [Theory]
    [InlineData("", true)]
    [InlineData("--count 1 --share 1", true)]
    [InlineData("--count 1", false)]
    [InlineData("--share 1", false)]
    public void RequireOne_OfTwoFlags_RefusesNoneAndBoth(string line, bool refused)
    {
        Command command = Sut();
        CommandOptions.RequireOne(command, _integer, _number, "Give one.");

        Assert.Equal(refused ? ["Give one."] : [], command.Parse(line).Errors.Select(error => error.Message));
    }

    private ParseResult Parse(string line) => Sut().Parse(line);

    private Command Sut()
    {
        var command = new Command("test");
        command.Options.Add(_integer);
        command.Options.Add(_number);
        command.Options.Add(_unsigned);
        return command;
    }
}
