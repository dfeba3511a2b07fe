namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>
/// The splitting rules that end a word where small letters are followed by a capital: Mistral's Tekken and GPT-4o's, as llama.cpp has
/// them, where every letter beyond ASCII counts as both.
/// </summary>
internal static class CasedRules
{
    /// <summary>
    /// Tekken (1 digit, no contractions) and GPT-4o (numbers of at most 3 digits, contractions after words), where <c>U</c> is a letter
    /// that is not in <c>[a-z]</c> and <c>S</c> one that is not in <c>[A-Z]</c>:
    /// <c>[^\r\n\p{L}\p{N}]?U*S+|[^\r\n\p{L}\p{N}]?U+S*|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
    /// </summary>
    public static int Cased(ReadOnlySpan<char> text, int maxDigits, bool contractions)
    {
        CharacterKind kind = CharacterKinds.At(text, 0, out int length);
        if (kind == CharacterKind.Number)
        {
            return SplitRules.Digits(text, maxDigits);
        }
        int letters = kind == CharacterKind.Letter || text[0] is '\r' or '\n' ? 0 : length;
        int end = EndOfWord(text, letters);
        if (end > letters)
        {
            return end + (contractions ? SplitRules.Contraction(text[end..], ignoreCase: true) : 0);
        }
        int others = text[0] == ' ' ? 1 : 0;
        end = CharacterKinds.EndOfRun(text, others, CharacterKind.Other);
        return end > others ? SplitRules.EndOfAny(text, end, "\r\n/") : SplitRules.SpacesOrLines(text);
    }

    private static int EndOfWord(ReadOnlySpan<char> text, int start)
    {
        int capitals = start;
        int lastSmall = start; // behind the last letter that may be small
        while (CharacterKinds.At(text, capitals, out int length) == CharacterKind.Letter && length > 0 && !char.IsAsciiLetterLower(text[capitals]))
        {
            capitals += length;
            lastSmall = char.IsAscii(text[capitals - length]) ? lastSmall : capitals;
        }
        int end = capitals;
        while (CharacterKinds.At(text, end, out int length) == CharacterKind.Letter && length > 0 && !char.IsAsciiLetterUpper(text[end]))
        {
            end += length;
        }
        // The first alternative wants a small letter at the end, and gives capitals back to have one; the second does not.
        return end > capitals || lastSmall == start ? end : lastSmall;
    }
}
