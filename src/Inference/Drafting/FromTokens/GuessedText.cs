namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>Guesses that copy a text.</summary>
internal static class GuessedText
{
    /// <summary>Adds what followed a position, from the root down, to what is there already; where the text ends, it goes on with the guess itself, so that what repeats goes on repeating.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="position">Where to begin, before its end.</param>
    /// <param name="most">Most tokens.</param>
    /// <param name="draft">Filled as far as it has room.</param>
    public static void GoOn(ReadOnlySpan<int> tokens, int position, int most, DraftTree draft)
    {
        int period = tokens.Length - position;
        int node = DraftTree.Root;
        for (int i = 0; i < most; i++)
        {
            int token = tokens[position + (i % period)];
            int known = draft.ChildOf(node, token);
            if (known < 0 && !draft.TryAdd(token, node))
            {
                return;
            }
            node = known < 0 ? draft.Count - 1 : known;
        }
    }
}
