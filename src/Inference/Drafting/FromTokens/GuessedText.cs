namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>Guesses that copy a text.</summary>
internal static class GuessedText
{
    /// <summary>Appends what followed a position; where the text ends, it goes on with the guess itself, so that what repeats goes on repeating.</summary>
    /// <param name="tokens">The text.</param>
    /// <param name="position">Where to begin, before its end.</param>
    /// <param name="most">Most tokens.</param>
    /// <param name="draft">Filled as far as it has room.</param>
    public static void GoOn(ReadOnlySpan<int> tokens, int position, int most, DraftTree draft)
    {
        int period = tokens.Length - position;
        for (int i = 0; i < most && draft.TryAppend(tokens[position + (i % period)]); i++)
        {
        }
    }
}
