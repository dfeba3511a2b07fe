using Winnow.Gateway.Coordination.Drafting;
using Winnow.Inference.Drafting;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Tests.Coordination.Drafting;

/// <summary>Guesses of the last shard's head, which are asked for a step before they are used.</summary>
public sealed class HeadGuessesTests
{
    private static readonly int[] Known = [1, 2, 3];

    [Fact]
    public void Propose_TreeWhereATreeIsWanted_IsTheTree()
    {
        DraftTree draft = Propose(new DraftRoom(8, 4, 3, 50), Known.Length);

        Assert.Equal([10, 11, 12, 13], draft.Tokens.ToArray());
        Assert.Equal([-1, -1, 0, 2], draft.Parents.ToArray());
    }

    [Fact]
    public void Propose_TreeWhereAChainIsWanted_IsItsMainChain()
    {
        DraftTree draft = Propose(DraftRoom.ForChain(8, 50), Known.Length);

        Assert.Equal([10, 12, 13], draft.Tokens.ToArray());
        Assert.True(draft.IsChain);
        Assert.Equal([0.6f, 0.9f, 0.8f], draft.Chances.ToArray());
    }

    [Theory]
    [InlineData(2, 3, new[] { -1, -1, 0, 2 })]
    [InlineData(3, 0, new[] { 1, 5, -7, 2 })]
    [InlineData(3, 0, new[] { -1 })]
    public void Propose_OtherTextOrNonsense_AddsNothing(int length, int width, int[] parents) =>
        Assert.Equal(0, Propose(new DraftRoom(8, 4, Math.Max(2, width), 50), length, parents).Count);

    private static DraftTree Propose(DraftRoom room, int length, int[]? parents = null)
    {
        var sut = (HeadGuesses.Sequence)new HeadGuesses().Open();
        sut.Take(length, new SequenceResult { Slot = 0, HeadTokens = [10, 11, 12, 13], HeadParents = parents ?? [-1, -1, 0, 2], HeadConfidences = [0.6f, 0.4f, 0.9f, 0.8f] });
        var draft = new DraftTree(16);
        draft.Begin(room);
        sut.Propose(Known, draft);
        return draft;
    }
}
