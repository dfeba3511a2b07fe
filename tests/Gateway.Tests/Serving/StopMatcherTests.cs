using FsCheck;
using FsCheck.Fluent;
using Winnow.Gateway.Serving;

namespace Winnow.Gateway.Tests.Serving;

/// <summary>Stop strings end the text at the same character however the text is cut into pieces.</summary>
public sealed class StopMatcherTests
{
    [Fact]
    public void Push_StopSplitOverPieces_GivesOutOnlyTheTextBefore()
    {
        var sut = new StopMatcher(["\n\n"]);

        string text = sut.Push("one\n") + sut.Push("\ntwo");

        Assert.Equal("one", text);
        Assert.True(sut.Matched);
    }

    [Fact]
    public void Flush_HeldTextNeverBecameAStop_GivesItOut()
    {
        var sut = new StopMatcher(["END"]);

        string text = sut.Push("the EN") + sut.Flush();

        Assert.Equal("the EN", text);
        Assert.False(sut.Matched);
    }

    [Fact]
    public void Push_TwoStops_EndsAtTheEarlierOne()
    {
        var sut = new StopMatcher(["cd", "b"]);

        Assert.Equal("a", sut.Push("abcd"));
    }

    [Theory]
    [InlineData("abc", "b", "a")]
    [InlineData("ab", "b", "")]
    public void Push_StopsThatOverlap_TheOneThatIsCompleteFirstCountsInAnyCutting(string first, string second, string expected)
    {
        var whole = new StopMatcher([first, second]);
        var cut = new StopMatcher([first, second]);

        Assert.Equal(expected, whole.Push("abc"));
        Assert.Equal(expected, cut.Push("a") + cut.Push("b") + cut.Push("c"));
    }

    [Fact]
    public void Push_AnyCutting_EqualsTheTextUpToTheFirstStop()
    {
        Gen<string> text = Gen.Elements("a", "b", "c").ListOf().Select(parts => string.Concat(parts));
        Gen<string> stop = Gen.Elements("a", "b", "c").NonEmptyListOf().Select(parts => string.Concat(parts.Take(3)));
        Gen<int> cut = Gen.Choose(1, 4);
        Gen<(string, string, string, int)> samples = from whole in text from first in stop from second in stop from size in cut select (whole, first, second, size);
        Prop.ForAll(
            samples.ToArbitrary(),
            sample =>
            {
                (string whole, string first, string second, int size) = sample;
                var sut = new StopMatcher([first, second]);
                string given = "";
                for (int at = 0; at < whole.Length; at += size)
                {
                    given += sut.Push(whole.Substring(at, Math.Min(size, whole.Length - at)));
                }
                given += sut.Flush();
                int end = Enumerable.Range(0, whole.Length + 1).FirstOrDefault(length => EndsWith(whole, length, first) || EndsWith(whole, length, second), -1);
                int stopped = end < 0 ? 0 : new[] { first, second }.Where(stop => EndsWith(whole, end, stop)).Max(stop => stop.Length);
                return given == (end < 0 ? whole : whole[..(end - stopped)]) && sut.Matched == end >= 0;
            }).QuickCheckThrowOnFailure();
    }

    private static bool EndsWith(string whole, int length, string stop) => whole[..length].EndsWith(stop, StringComparison.Ordinal);
}
