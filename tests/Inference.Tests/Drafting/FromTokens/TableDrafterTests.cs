using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

/// <summary>The drafters that keep tables for all sequences: token recycling and adaptive n-grams.</summary>
public sealed class TableDrafterTests
{
    [Fact]
    public void Recycling_AnyText_FollowsTheNewestSuccessors()
        => Prop.ForAll<int[]>(numbers =>
        {
            int[] text = [1, .. Texts.Of(numbers, 5)];
            int[] newest = [-1, -1, -1, -1, -1];
            for (int i = 1; i < text.Length; i++)
            {
                newest[text[i - 1]] = text[i];
            }
            List<int> expected = [];
            for (int token = newest[text[^1]]; token >= 0 && expected.Count < 6; token = newest[token])
            {
                expected.Add(token);
            }
            return new TokenRecyclingDrafter(5).Open().Guess(text, 6).SequenceEqual(expected);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Recycling_AnotherSequence_LearnsFromTheFirst()
    {
        var sut = new TokenRecyclingDrafter(10);
        sut.Open().Guess([1, 2, 3]);
        Assert.Equal([2, 3], sut.Open().Guess([1]));
    }

    [Fact]
    public void Recycling_Candidates_TheTwoLikeliestLeadAndTheOthersFillUp()
        => Prop.ForAll<int[]>(numbers =>
        {
            int[] candidates = [.. Texts.Of(numbers, 12).Distinct().Take(8)];
            var sut = new TokenRecyclingDrafter(20);
            sut.Open().Guess([1, 17, 1, 3, 1, 5, 0]);
            sut.Learn(1, candidates);
            List<int> expected = [.. candidates.Take(2), 5, 3, 17, .. candidates.Skip(2)];
            return Successors(sut, 1).SequenceEqual(expected.Distinct().Take(8));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Recycling_TaughtBeforeAnySequence_GuessesWhatItWasTaught()
    {
        var sut = new TokenRecyclingDrafter(10);
        sut.Learn(4, [6, 7]);
        Assert.Equal([6], sut.Open().Guess([4]));
        Assert.Equal([6, 7], Successors(sut, 4));
    }

    [Fact]
    public void Ngrams_Counts_TakeTheLikeliestSuccessorOfThePair()
    {
        ISequenceDrafter sequence = new AdaptiveNgramDrafter().Open();
        Assert.Equal([3], sequence.Guess([1, 2, 3, 9, 1, 2, 3, 8, 1, 2, 4, 7, 1, 2], 1));
    }

    [Fact]
    public void Ngrams_UnknownPair_BacksOffToTheLastToken()
    {
        ISequenceDrafter sequence = new AdaptiveNgramDrafter().Open();
        Assert.Equal([6], sequence.Guess([5, 6, 1, 5], 1));
    }

    [Fact]
    public void Ngrams_NewerHabits_OvertakeOlderOnes()
    {
        var sut = new SuccessorCounts();
        for (int i = 0; i < 400; i++)
        {
            sut.Learn(1, 2, 3);
        }
        for (int i = 0; i < 80; i++)
        {
            sut.Learn(1, 2, 4);
        }
        Assert.Equal(4, Ranked(sut, 1, 2)[0].Token);
    }

    [Fact]
    public void Ngrams_SureGuess_HasAHigherGradeThanAnUnsureOne()
    {
        ISequenceDrafter sure = new AdaptiveNgramDrafter().Open();
        sure.Guess([1, 2, 3, 1, 2, 3, 1, 2], 1, out int high);
        ISequenceDrafter unsure = new AdaptiveNgramDrafter().Open();
        unsure.Guess([1, 2, 3, 1, 2, 4, 1, 2, 5, 1, 2], 1, out int low);
        Assert.True(high > low, $"grades {high} and {low}");
    }

    [Fact]
    public void Counts_FarMoreContextsThanFit_KeepsTheFrequentOnes()
    {
        var sut = new SuccessorCounts();
        for (int i = 0; i < 50; i++)
        {
            sut.Learn(7, 7, 1);
        }
        for (int i = 0; i < 200_000; i++)
        {
            sut.Learn(i, i + 1, 5);
        }
        Assert.Equal([(1, 1f)], Ranked(sut, 7, 7));
    }

    [Fact]
    public void Counts_AnyLearning_SharesAreOfWhatIsKept()
        => Prop.ForAll<int[]>(numbers =>
        {
            var sut = new SuccessorCounts();
            foreach (int successor in Texts.Of(numbers, 7))
            {
                sut.Learn(1, 1, successor);
            }
            (int Token, float Share)[] ranked = Ranked(sut, 1, 1);
            return numbers.Length == 0 ? ranked.Length == 0
                : ranked.Sum(successor => successor.Share) is > 0.9999f and < 1.0001f && ranked.OrderByDescending(successor => successor.Share).SequenceEqual(ranked);
        }).QuickCheckThrowOnFailure();

    private static IEnumerable<int> Successors(TokenRecyclingDrafter drafter, int token)
    {
        var tree = new DraftTree(64);
        tree.Begin(new DraftRoom(64, 1, 8, 20));
        drafter.Open().Propose([token], tree);
        return tree.Tokens.ToArray();
    }

    private static (int Token, float Share)[] Ranked(SuccessorCounts counts, int first, int second)
    {
        var ranked = new (int, float)[SuccessorCounts.MostSuccessors];
        return ranked[..counts.Rank(first, second, ranked)];
    }
}
