using System.Globalization;
using System.Text;

namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>
/// The splitting rules of model families, each written out by hand for the regular expression it is known by. Alternatives are tried
/// in order; what no alternative matches is a piece too.
/// </summary>
internal static class SplitRules
{
    /// <summary>
    /// GPT-2: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
    /// </summary>
    public static int Gpt2(ReadOnlySpan<char> text)
    {
        int contraction = Contraction(text, ignoreCase: false);
        if (contraction > 0)
        {
            return contraction;
        }
        int start = text[0] == ' ' ? 1 : 0;
        CharacterKind kind = CharacterKinds.At(text, start, out int length);
        return length > 0 && kind != CharacterKind.Space ? CharacterKinds.EndOfRun(text, start, kind) : Spaces(text);
    }

    /// <summary>
    /// Llama 3 (numbers of at most 3 digits) and Qwen 2 (1 digit):
    /// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>,
    /// the contractions in ASCII letters only.
    /// </summary>
    public static int Llama3(ReadOnlySpan<char> text, int maxDigits)
    {
        int contraction = Contraction(text, ignoreCase: true);
        if (contraction > 0)
        {
            return contraction;
        }
        CharacterKind kind = CharacterKinds.At(text, 0, out int length);
        if (kind == CharacterKind.Number)
        {
            return Digits(text, maxDigits);
        }
        int letters = kind == CharacterKind.Letter || text[0] is '\r' or '\n' ? 0 : length;
        if (CharacterKinds.At(text, letters, out int letterLength) == CharacterKind.Letter && letterLength > 0)
        {
            return CharacterKinds.EndOfRun(text, letters, CharacterKind.Letter);
        }
        int others = text[0] == ' ' ? 1 : 0;
        int end = CharacterKinds.EndOfRun(text, others, CharacterKind.Other);
        return end > others ? EndOfLineBreaks(text, end) : SpacesOrLines(text);
    }

    /// <summary><c>\p{N}</c>: every number character alone, everything between in one piece.</summary>
    public static int SingleNumbers(ReadOnlySpan<char> text)
    {
        if (CharacterKinds.At(text, 0, out int length) == CharacterKind.Number)
        {
            return length;
        }
        int at = length;
        while (at < text.Length && CharacterKinds.At(text, at, out length) != CharacterKind.Number)
        {
            at += length;
        }
        return at;
    }

    /// <summary><c>\p{N}+</c>: runs of numbers and what is between them.</summary>
    public static int NumberRuns(ReadOnlySpan<char> text)
    {
        bool number = CharacterKinds.At(text, 0, out int at) == CharacterKind.Number;
        while (at < text.Length && CharacterKinds.At(text, at, out int length) == CharacterKind.Number == number)
        {
            at += length;
        }
        return at;
    }

    /// <summary><c>[\p{P}\$\+&lt;=&gt;\^~\|]+</c>: runs of punctuation and what is between them.</summary>
    public static int PunctuationRuns(ReadOnlySpan<char> text)
    {
        bool punctuation = IsPunctuation(text, out int at);
        while (at < text.Length && IsPunctuation(text[at..], out int length) == punctuation)
        {
            at += length;
        }
        return at;
    }

    /// <summary><c>[0-9][0-9][0-9]</c>: every three ASCII digits and what is between them.</summary>
    public static int DigitTriples(ReadOnlySpan<char> text)
    {
        for (int at = 0; at < text.Length; at++)
        {
            if (IsDigitTriple(text[at..]))
            {
                return at == 0 ? 3 : at;
            }
        }
        return text.Length;
    }

    private static bool IsDigitTriple(ReadOnlySpan<char> text) =>
        text.Length >= 3 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]);

    private static bool IsPunctuation(ReadOnlySpan<char> text, out int length)
    {
        Rune.DecodeFromUtf16(text, out Rune rune, out length);
        UnicodeCategory category = Rune.GetUnicodeCategory(rune);
        return category is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation
            || rune.Value is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|';
    }

    private static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
    {
        if (text.Length < 2 || text[0] != '\'')
        {
            return 0;
        }
        char first = Lower(text[1], ignoreCase);
        if (first is 's' or 't' or 'm' or 'd')
        {
            return 2;
        }
        char second = text.Length > 2 ? Lower(text[2], ignoreCase) : '\0';
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? 3 : 0;
    }

    private static char Lower(char character, bool ignoreCase) =>
        ignoreCase && char.IsAsciiLetterUpper(character) ? (char)(character | 0x20) : character;

    private static int Digits(ReadOnlySpan<char> text, int most)
    {
        int at = 0;
        for (int count = 0; count < most && CharacterKinds.At(text, at, out int length) == CharacterKind.Number; count++)
        {
            at += length;
        }
        return at;
    }

    private static int EndOfLineBreaks(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && text[at] is '\r' or '\n')
        {
            at++;
        }
        return at;
    }

    private static int SpacesOrLines(ReadOnlySpan<char> text)
    {
        int end = CharacterKinds.EndOfRun(text, 0, CharacterKind.Space);
        int lastBreak = text[..end].LastIndexOfAny('\r', '\n');
        return lastBreak >= 0 ? lastBreak + 1 : Spaces(text);
    }

    // All white space is in the basic plane, so the last one is the last character.
    private static int Spaces(ReadOnlySpan<char> text)
    {
        int end = CharacterKinds.EndOfRun(text, 0, CharacterKind.Space);
        return end == text.Length || end == 1 ? end : end - 1;
    }
}
