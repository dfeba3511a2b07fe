using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Tests.Streams;

/// <summary>Ids of events.</summary>
public sealed class StreamPositionTests
{
    [Theory]
    [InlineData("0", 1)]
    [InlineData("17", 1)]
    [InlineData("-", 1)]
    [InlineData("17e", 1)]
    [InlineData("17e-usage", 1)]
    [InlineData("17e-done", 1)]
    [InlineData("0.-.-", 3)]
    [InlineData("4.12e.0", 3)]
    [InlineData("4e.12e.33e-done", 3)]
    public void Parse_AnId_GivesItBack(string text, int choices) => Assert.Equal(text, StreamPosition.Parse(text, choices)?.ToString());

    [Theory]
    [InlineData("", 1)]
    [InlineData("-1", 1)]
    [InlineData("x", 1)]
    [InlineData("e", 1)]
    [InlineData("1.2", 1)]
    [InlineData("1", 2)]
    [InlineData("1.", 2)]
    [InlineData("99999999999", 1)]
    [InlineData("17-done", 1)]
    [InlineData("17e.3-usage", 2)]
    [InlineData("--usage", 1)]
    [InlineData(" 1", 1)]
    [InlineData("1-done-done", 1)]
    public void Parse_Nonsense_IsRefused(string text, int choices) => Assert.Null(StreamPosition.Parse(text, choices));

    [Fact]
    public void ToString_OnTheWay_TellsWhatTheClientHas()
    {
        StreamPosition sut = StreamPosition.Start(2, hasOpenings: true);
        var ids = new List<string> { sut.ToString() };
        sut.Open(0);
        ids.Add(sut.ToString());
        sut.Open(1);
        sut.Add(1, 5);
        ids.Add(sut.ToString());
        sut.End(1);
        sut.Add(0, 2);
        sut.End(0);
        ids.Add(sut.ToString());
        sut.TellUsage();
        ids.Add(sut.ToString());
        sut.Finish();
        ids.Add(sut.ToString());
        Assert.Equal(["-.-", "0.-", "0.5", "2e.5e", "2e.5e-usage", "2e.5e-done"], ids);
    }
}
