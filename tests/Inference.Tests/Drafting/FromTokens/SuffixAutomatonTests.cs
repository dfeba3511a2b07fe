using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

/// <summary>The automaton against brute force, over random texts of few tokens.</summary>
public sealed class SuffixAutomatonTests
{
    [Fact]
    public void Append_AnyText_RepeatIsTheLongestAndStandsWhereItSays()
        => Prop.ForAll<int[]>(numbers =>
        {
            int[] text = Texts.Of(numbers, 3);
            var sut = new SuffixAutomaton();
            for (int end = 1; end <= text.Length; end++)
            {
                sut.Append(text[end - 1]);
                ReadOnlySpan<int> seen = text.AsSpan(0, end);
                if (sut.RepeatLength != Texts.LongestRepeat(seen)
                    || sut.RepeatEnd >= end
                    || !seen[(sut.RepeatEnd - sut.RepeatLength)..sut.RepeatEnd].SequenceEqual(seen[^sut.RepeatLength..]))
                {
                    return false;
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Append_PlainRepeats_RepeatEndIsTheLatest()
    {
        var sut = new SuffixAutomaton();
        foreach (int token in new[] { 1, 2, 7, 1, 2, 8, 1, 2 })
        {
            sut.Append(token);
        }
        Assert.Equal((2, 5), (sut.RepeatLength, sut.RepeatEnd));
    }

    [Fact]
    public void Follow_AnyTextAgainstAnother_FindsTheLongestSuffixThatStandsThere()
        => Prop.ForAll<int[], int[]>((held, read) =>
        {
            int[] text = Texts.Of(held, 3);
            int[] other = Texts.Of(read, 3);
            var sut = new SuffixAutomaton();
            (int state, int length) = (0, 0);
            for (int i = 0; i < Math.Max(text.Length, other.Length); i++)
            {
                // Both grow in turn, so that states are split under the match.
                if (i < text.Length)
                {
                    sut.Append(text[i]);
                }
                if (i < other.Length)
                {
                    sut.Follow(ref state, ref length, other[i]);
                    int end = sut.EndOf(state, length);
                    if (!text.AsSpan(end - length, length).SequenceEqual(other.AsSpan(i + 1 - length, length)))
                    {
                        return false;
                    }
                }
            }
            return text.Length == 0 || Matches(sut, text, other);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Clear_AfterAText_BehavesAsNew()
    {
        var sut = new SuffixAutomaton();
        for (int i = 0; i < 300; i++)
        {
            sut.Append(i % 7);
        }
        sut.Clear();
        sut.Append(1);
        Assert.Equal((1, 0), (sut.TextLength, sut.RepeatLength));
        sut.Append(1);
        Assert.Equal((1, 1), (sut.RepeatLength, sut.RepeatEnd));
    }

    // Over a text that has stopped growing the match is the longest there is.
    private static bool Matches(SuffixAutomaton sut, int[] text, int[] other)
    {
        (int state, int length) = (0, 0);
        for (int i = 0; i < other.Length; i++)
        {
            sut.Follow(ref state, ref length, other[i]);
            ReadOnlySpan<int> seen = other.AsSpan(0, i + 1);
            bool longer = length < seen.Length && text.AsSpan().IndexOf(seen[^(length + 1)..]) >= 0;
            if (longer || (length > 0 && text.AsSpan().IndexOf(seen[^length..]) < 0))
            {
                return false;
            }
        }
        return true;
    }
}
