using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

/// <summary>Trees of the drafters that work from tokens.</summary>
public sealed class TokenTreeTests
{
    private const int Vocabulary = 6;

    [Fact]
    public void Propose_AnyText_TreesAreDeterministicAndOfTokensOfTheText()
        => Prop.ForAll<int[]>(numbers =>
        {
            int[] text = [1, .. Texts.Of(numbers, Vocabulary)];
            foreach ((ITokenDrafter first, ITokenDrafter second) in TokenDrafters.CreateAll(Vocabulary).Zip(TokenDrafters.CreateAll(Vocabulary)))
            {
                DraftTree tree = Guess(first.Open(), text, 40);
                DraftTree again = Guess(second.Open(), text, 40);
                if (!tree.Tokens.SequenceEqual(again.Tokens) || !tree.Parents.SequenceEqual(again.Parents) || tree.Tokens.ToArray().Except(text).Any())
                {
                    return false;
                }
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Propose_LargerTree_BeginsAsTheSmaller()
    {
        var random = new Random(3);
        int[] text = [.. Enumerable.Range(0, 400).Select(_ => random.Next(Vocabulary))];
        foreach (ITokenDrafter drafter in TokenDrafters.CreateAll(Vocabulary))
        {
            ISequenceDrafter sequence = drafter.Open();
            DraftTree large = Guess(sequence, text, 40);
            DraftTree small = Guess(sequence, text, 10);
            Assert.True(small.Count == 10 && !large.IsChain, drafter.Name);
            Assert.Equal(small.Tokens.ToArray(), large.Tokens[..10].ToArray());
            Assert.Equal(small.Parents.ToArray(), large.Parents[..10].ToArray());
        }
    }

    [Fact]
    public void Recycling_Tree_HoldsThePathsOfNewestSuccessors()
    {
        DraftTree tree = Guess(new TokenRecyclingDrafter(10).Open(), [1, 2, 1, 3, 1, 4, 5, 1], 7);
        Assert.Equal([4, 3, 2], Enumerable.Range(0, tree.Count).Where(i => tree.Parents[i] < 0).Select(i => tree.Tokens[i]));
        Assert.Equal(2, tree.Follow([4, 5, 9], out _));
    }

    [Fact]
    public void Ngrams_Tree_HasTheLikeliestPathsFirst()
        => Prop.ForAll<int[]>(numbers =>
        {
            DraftTree tree = Guess(new AdaptiveNgramDrafter().Open(), [1, .. Texts.Of(numbers, 4)], 20);
            double[] paths = new double[tree.Count];
            for (int i = 0; i < paths.Length; i++)
            {
                paths[i] = tree.Chances[i] * (tree.Parents[i] < 0 ? 1 : paths[tree.Parents[i]]);
            }
            return paths.Zip(paths.Skip(1)).All(pair => pair.First >= pair.Second - 1e-6) && paths.All(path => path > 0.0199);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Lookup_NgramsFollowedByDifferentTokens_Branch()
    {
        DraftTree tree = Guess(new PromptLookupDrafter().Open(), [1, 2, 3, 7, 9, 3, 8, 1, 2, 3], 12, depth: 2);
        Assert.Equal([7, 9, 8, 1], tree.Tokens.ToArray());
        Assert.Equal([-1, 0, -1, 2], tree.Parents.ToArray());
    }

    [Fact]
    public void Suffix_TokensThatFollowedAMatch_AreOrderedByCount()
    {
        DraftTree tree = Guess(new SuffixDrafter().Open(), [1, 2, 5, 0, 1, 2, 6, 0, 1, 2, 5, 0, 1, 2, 5, 9, 1, 2], 12);
        int[] first = [.. Enumerable.Range(0, tree.Count).Where(i => tree.Parents[i] < 0).Select(i => tree.Tokens[i])];
        Assert.Equal([5, 6], first[..2]);
        Assert.True(tree.Chances[0] > 2 * tree.Chances[tree.ChildOf(DraftTree.Root, 6)]);
    }

    [Fact]
    public void Suffix_MatchFollowedByOneToken_BranchesFromShorterMatches()
    {
        DraftTree tree = Guess(new SuffixDrafter().Open(), [3, 7, 4, 1, 2, 3, 8, 5, 1, 2, 3], 8);
        Assert.Equal(8, tree.Tokens[0]);
        Assert.True(tree.ChildOf(DraftTree.Root, 7) > 0);
    }

    private static DraftTree Guess(ISequenceDrafter drafter, int[] text, int nodes, int depth = 8)
    {
        var tree = new DraftTree(64);
        tree.Begin(new DraftRoom(nodes, depth, 8, 100));
        int grade = drafter.Propose(text, tree);
        Assert.InRange(grade, 0, GuessGrades.Count - 1);
        return tree;
    }
}
