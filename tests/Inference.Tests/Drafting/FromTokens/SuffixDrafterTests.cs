using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

public sealed class SuffixDrafterTests
{
    private readonly SuffixDrafter _sut = new(tokensPerGeneration: 400);

    [Fact]
    public void Propose_OwnRepeat_GoesOnAsBefore() => Assert.Equal([3, 4, 1, 2], _sut.Open().Guess([1, 2, 3, 4, 1, 2]));

    [Fact]
    public void Propose_ShortMatch_GuessesAtMostTwiceItsLength() => Assert.Equal([2, 3], _sut.Open().Guess([1, 2, 3, 4, 1]));

    [Fact]
    public void Propose_TextOfAPastRequest_GoesOnUntilItsEnd()
    {
        End([10, 11, 12, 13, 14]);
        End([20, 21]);
        Assert.Equal([13, 14], _sut.Open().Guess([1, 11, 12]));
        Assert.Empty(_sut.Open().Guess([1, 14]));
    }

    [Fact]
    public void Propose_OwnAndPastMatch_TakesTheLonger()
    {
        End([5, 6, 7, 8]);
        Assert.Equal([8], _sut.Open().Guess([7, 1, 5, 6, 7]));
    }

    [Fact]
    public void Propose_SequenceRunsWhileGenerationsTurn_StaysWithWhatIsThere()
    {
        ISequenceDrafter running = _sut.Open();
        List<int> text = [1, 2];
        for (int request = 0; request < 40; request++)
        {
            End([.. Enumerable.Range(100 + request, 60)]);
            text.Add(100 + request);
            int[] guess = running.Guess([.. text]);
            Assert.All(guess.Zip(guess.Skip(1)), pair => Assert.Equal(pair.First + 1, pair.Second));
        }
        Assert.NotEmpty(running.Guess([.. text, 120, 121, 122]));
    }

    [Fact]
    public void Propose_TwoGenerationsLater_ThePastIsForgotten()
    {
        End([50, 51, 52]);
        for (int request = 0; request < 20; request++)
        {
            End([.. Enumerable.Range(1000 * request, 90)]);
        }
        Assert.Empty(_sut.Open().Guess([1, 50, 51]));
    }

    [Fact]
    public void Propose_LongerThanTheWindow_MatchesWhatIsRecent()
    {
        ISequenceDrafter sequence = _sut.Open();
        int[] text = [.. Enumerable.Range(0, 9000), 8000, 8001, 8002];
        Assert.Equal([8003, 8004], sequence.Guess(text, 2));
    }

    private void End(int[] text)
    {
        ISequenceDrafter sequence = _sut.Open();
        sequence.Guess(text);
        sequence.Close(text);
    }
}
