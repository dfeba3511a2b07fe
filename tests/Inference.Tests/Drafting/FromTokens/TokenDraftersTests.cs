using FsCheck;
using FsCheck.Fluent;
using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

/// <summary>What holds for every drafter that works from tokens.</summary>
public sealed class TokenDraftersTests
{
    private const int Vocabulary = 6;

    [Fact]
    public void CreateAll_Names_AreDifferentAndListed()
    {
        string[] names = [.. TokenDrafters.CreateAll(Vocabulary).Select(drafter => drafter.Name)];
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Contains(name, DrafterNames.All));
        Assert.Equal(DrafterNames.All.Except(names), [DrafterNames.Auto, DrafterNames.None, DrafterNames.DraftModel, DrafterNames.Eagle3, DrafterNames.Kangaroo, DrafterNames.Forced]);
    }

    [Fact]
    public void Propose_AnyTextInAnyPieces_GuessesTokensOfTheTextWithinTheRoom()
        => Prop.ForAll<int[], int>((numbers, piece) =>
        {
            int[] text = [1, .. Texts.Of(numbers, Vocabulary)];
            int step = 1 + Math.Abs(piece % 5);
            foreach (ITokenDrafter drafter in TokenDrafters.CreateAll(Vocabulary))
            {
                ISequenceDrafter sequence = drafter.Open();
                for (int end = 1; end <= text.Length; end += step)
                {
                    int room = end % 9;
                    int[] guess = sequence.Guess(text.AsSpan(0, end), room, out int grade);
                    if (guess.Length > room || grade is < 0 or >= GuessGrades.Count || guess.Except(text[..end]).Any())
                    {
                        return false;
                    }
                }
                sequence.Close(text);
            }
            return true;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Propose_WarmSequence_AllocatesNothing()
    {
        int[] text = [.. Enumerable.Range(0, 4096).Select(i => i * i % 11 % Vocabulary)];
        var draft = new DraftTree(8);
        foreach (ITokenDrafter drafter in TokenDrafters.CreateAll(Vocabulary))
        {
            ISequenceDrafter sequence = drafter.Open();
            draft.Begin(DraftRoom.ForChain(8, Vocabulary));
            sequence.Propose(text.AsSpan(0, 2100), draft);
            long before = GC.GetAllocatedBytesForCurrentThread();
            int allocating = 0;
            for (int end = 2100; end < 4096; end++)
            {
                draft.Begin(DraftRoom.ForChain(8, Vocabulary));
                sequence.Propose(text.AsSpan(0, end), draft);
                long now = GC.GetAllocatedBytesForCurrentThread();
                allocating += now > before ? 1 : 0;
                before = now;
            }
            // Arrays double now and then; no token may allocate by itself.
            Assert.True(allocating <= 8, $"'{drafter.Name}' allocated at {allocating} tokens of 2000");
        }
    }
}
