using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

public sealed class PromptLookupDrafterTests
{
    private readonly PromptLookupDrafter _sut = new();

    [Fact]
    public void Propose_AnyText_IsWhatFollowedTheLongestNgramLast()
        => Prop.ForAll<int[]>(numbers =>
        {
            int[] text = [1, .. Texts.Of(numbers, 4)];
            ISequenceDrafter sequence = _sut.Open();
            for (int end = 1; end <= text.Length; end++)
            {
                if (!sequence.Guess(text.AsSpan(0, end)).SequenceEqual(BruteForce(text[..end], 8)))
                {
                    return false;
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Propose_NothingRepeats_GuessesNothing() => Assert.Empty(_sut.Open().Guess([1, 2, 3, 4]));

    [Fact]
    public void Propose_TextThatRepeats_GoesOnRepeating() => Assert.Equal([1, 2, 1, 2, 1], _sut.Open().Guess([1, 2, 1, 2, 1, 2], 5));

    [Fact]
    public void Propose_LongMatch_HasTheHighestGrade()
    {
        int[] text = [.. Enumerable.Range(0, 12), .. Enumerable.Range(0, 9)];
        Assert.Equal([9, 10, 11], _sut.Open().Guess(text, 3, out int grade));
        Assert.Equal(3, grade);
    }

    [Fact]
    public void Propose_BeyondTheWindow_ForgetsTheBeginningAndGoesOn()
    {
        int[] text = [7, 8, 9, .. Enumerable.Repeat(1, 70_000), 7, 8];
        ISequenceDrafter sequence = _sut.Open();
        Assert.Equal([1, 1], sequence.Guess(text.AsSpan(0, 40_000), 2));
        Assert.Empty(sequence.Guess(text));
        Assert.Equal([7, 8], sequence.Guess([.. text, 1, 1, 1], 2));
    }

    private static int[] BruteForce(int[] text, int room)
    {
        for (int order = 3; order > 0; order--)
        {
            for (int position = text.Length - 1; position >= order && text.Length >= order; position--)
            {
                if (text.AsSpan(position - order, order).SequenceEqual(text.AsSpan(text.Length - order)))
                {
                    return [.. Enumerable.Range(0, room).Select(i => text[position + (i % (text.Length - position))])];
                }
            }
        }
        return [];
    }
}
