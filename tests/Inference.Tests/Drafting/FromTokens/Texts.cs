using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

namespace Winnow.Inference.Tests.Drafting.FromTokens;

/// <summary>Texts over small alphabets, and how a drafter does on them.</summary>
internal static class Texts
{
    /// <summary>Tokens from arbitrary numbers: few different ones, so that much repeats.</summary>
    public static int[] Of(IEnumerable<int> numbers, int alphabet) => [.. numbers.Select(number => Math.Abs(number % alphabet))];

    /// <summary>Asks for a guess after a text.</summary>
    public static int[] Guess(this ISequenceDrafter drafter, ReadOnlySpan<int> text, int room = 8) => drafter.Guess(text, room, out _);

    /// <summary>Asks for a guess after a text.</summary>
    public static int[] Guess(this ISequenceDrafter drafter, ReadOnlySpan<int> text, int room, out int grade)
    {
        var draft = new DraftTree(room);
        draft.Begin(DraftRoom.ForChain(room, int.MaxValue));
        grade = drafter.Propose(text, draft);
        Assert.True(draft.IsChain);
        return draft.Tokens.ToArray();
    }

    /// <summary>Length of the longest suffix of a text that also stands earlier in it.</summary>
    public static int LongestRepeat(ReadOnlySpan<int> text)
    {
        for (int length = text.Length - 1; length > 0; length--)
        {
            if (text[..^1].IndexOf(text[^length..]) >= 0)
            {
                return length;
            }
        }
        return 0;
    }
}
