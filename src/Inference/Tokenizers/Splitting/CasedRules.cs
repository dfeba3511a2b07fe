using System.Globalization;
using System.Text;

namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>
/// The splitting rules that end a word where small letters are followed by a capital: Mistral's Tekken (1 digit, no contractions) and
/// GPT-4o's (numbers of at most 3 digits, contractions after words). Both are
/// <c>[^\r\n\p{L}\p{N}]?U*S+|[^\r\n\p{L}\p{N}]?U+S*|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal static class CasedRules
{
    /// <summary>llama.cpp's reading: <c>U</c> is a letter that is not in <c>[a-z]</c>, <c>S</c> one that is not in <c>[A-Z]</c>.</summary>
    public static int Ascii(ReadOnlySpan<char> text, int maxDigits, bool contractions) =>
        Cased(
            text, maxDigits, contractions,
            static rune => CharacterKinds.Of(rune) == CharacterKind.Letter && rune.Value is not (>= 'a' and <= 'z'),
            static rune => CharacterKinds.Of(rune) == CharacterKind.Letter && rune.Value is not (>= 'A' and <= 'Z'));

    /// <summary>The models' own: <c>U</c> is <c>[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]</c>, <c>S</c> is <c>[\p{Ll}\p{Lm}\p{Lo}\p{M}]</c>.</summary>
    public static int Unicode(ReadOnlySpan<char> text, int maxDigits, bool contractions) =>
        Cased(
            text, maxDigits, contractions,
            static rune => Rune.GetUnicodeCategory(rune) is not UnicodeCategory.LowercaseLetter and <= UnicodeCategory.EnclosingMark,
            static rune => Rune.GetUnicodeCategory(rune) is UnicodeCategory.LowercaseLetter or >= UnicodeCategory.ModifierLetter and <= UnicodeCategory.EnclosingMark);

    private static int Cased(ReadOnlySpan<char> text, int maxDigits, bool contractions, Func<Rune, bool> isCapital, Func<Rune, bool> isSmall)
    {
        int end = EndOfWord(text, isCapital, isSmall);
        if (end > 0)
        {
            return end + (contractions ? SplitRules.Contraction(text[end..], ignoreCase: true) : 0);
        }
        if (CharacterKinds.At(text, 0, out _) == CharacterKind.Number)
        {
            return SplitRules.Digits(text, maxDigits);
        }
        int others = text[0] == ' ' ? 1 : 0;
        end = CharacterKinds.EndOfRun(text, others, CharacterKind.Other);
        return end > others ? SplitRules.EndOfAny(text, end, "\r\n/") : SplitRules.SpacesOrLines(text);
    }

    // Each alternative is tried with the character before the word and then without it.
    private static int EndOfWord(ReadOnlySpan<char> text, Func<Rune, bool> isCapital, Func<Rune, bool> isSmall)
    {
        CharacterKind kind = CharacterKinds.At(text, 0, out int length);
        int start = kind is CharacterKind.Letter or CharacterKind.Number || text[0] is '\r' or '\n' ? 0 : length;
        int end = EndWithSmall(text, start, isCapital, isSmall);
        end = end == 0 && start > 0 ? EndWithSmall(text, 0, isCapital, isSmall) : end;
        end = end == 0 ? EndWithCapitals(text, start, isCapital, isSmall) : end;
        return end == 0 && start > 0 ? EndWithCapitals(text, 0, isCapital, isSmall) : end;
    }

    // U*S+, where U gives characters back until one of S is at the end; 0 when it does not match.
    private static int EndWithSmall(ReadOnlySpan<char> text, int start, Func<Rune, bool> isCapital, Func<Rune, bool> isSmall)
    {
        int capitals = start;
        int lastSmall = 0;
        while (capitals < text.Length)
        {
            Rune.DecodeFromUtf16(text[capitals..], out Rune rune, out int length);
            if (!isCapital(rune))
            {
                break;
            }
            capitals += length;
            lastSmall = isSmall(rune) ? capitals : lastSmall;
        }
        int end = SplitRules.EndOfRun(text, capitals, isSmall);
        return end > capitals ? end : lastSmall;
    }

    private static int EndWithCapitals(ReadOnlySpan<char> text, int start, Func<Rune, bool> isCapital, Func<Rune, bool> isSmall)
    {
        int capitals = SplitRules.EndOfRun(text, start, isCapital);
        return capitals > start ? SplitRules.EndOfRun(text, capitals, isSmall) : 0;
    }
}
