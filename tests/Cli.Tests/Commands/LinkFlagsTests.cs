using System.CommandLine;
using Winnow.Cli.Commands;
using Winnow.Cli.Links;

namespace Winnow.Cli.Tests.Commands;

/// <summary>Links as flags say them.</summary>
public sealed class LinkFlagsTests
{
    private readonly LinkFlags _sut = new();

    [Fact]
    public void Read_NoFlag_IsNoLink() => Assert.Null(_sut.Read(Parse("")));

    [Fact]
    public void Read_EveryFlag_IsALink() => Assert.Equal(
        new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMicroseconds(1500), BitsPerSecond = 100_000_000, Loss = 0.0001, Seed = 3, HasLocalDraft = true },
        _sut.Read(Parse("--link-delay 20ms --link-jitter 1500us --link-rate 100mbit --link-loss 0.01% --link-seed 3 --link-local-draft")));

    [Theory]
    [InlineData("--link-delay 0.5s", 500, 0)]
    [InlineData("--link-rate 1.5gbit", 0, 1_500_000_000)]
    [InlineData("--link-rate=64kbit", 0, 64_000)]
    public void Read_OneFlag_LeavesTheOthersOff(string line, int delayMs, long bits) =>
        Assert.Equal(new LinkOptions { Delay = TimeSpan.FromMilliseconds(delayMs), BitsPerSecond = bits }, _sut.Read(Parse(line)));

    [Theory]
    [InlineData("--link-delay 20")]
    [InlineData("--link-delay ms")]
    [InlineData("--link-delay -1ms")]
    [InlineData("--link-delay 61s")]
    [InlineData("--link-delay 20MS")]
    [InlineData("--link-rate 100")]
    [InlineData("--link-rate 1e3mbit")]
    [InlineData("--link-loss 1.1")]
    [InlineData("--link-loss 101%")]
    [InlineData("--link-seed x")]
    public void Parse_WhatIsNoQuantity_IsAnErrorThatNamesFlagAndValue(string line)
    {
        string error = Assert.Single(Parse(line).Errors).Message;

        Assert.Contains($"{line.Split(' ')[0]} '{line.Split(' ')[1]}'", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_MoreJitterThanDelay_IsBadUsage()
    {
        CliException error = Assert.Throws<CliException>(() => _sut.Read(Parse("--link-delay 2ms --link-jitter 3ms")));

        Assert.Equal(CliException.BadUsage, error.ExitCode);
        Assert.Contains("--link-jitter '3ms'", error.Message, StringComparison.Ordinal);
    }

    private ParseResult Parse(string line)
    {
        var command = new Command("test");
        _sut.AddTo(command);
        return command.Parse(line);
    }
}
