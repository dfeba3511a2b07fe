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
        return end > others ? EndOfAny(text, end, "\r\n") : SpacesOrLines(text);
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
    public static int NumberRuns(ReadOnlySpan<char> text) => Runs(text, static rune => CharacterKinds.Of(rune) == CharacterKind.Number);

    /// <summary><c>[\p{P}\$\+&lt;=&gt;\^~\|]+</c>: runs of punctuation and what is between them.</summary>
    public static int PunctuationRuns(ReadOnlySpan<char> text) => Runs(text, IsPunctuation);

    /// <summary>Falcon's <c>[\p{P}\$\+&lt;=&gt;\^~\|`]+</c>: the same with the grave accent.</summary>
    public static int FalconPunctuationRuns(ReadOnlySpan<char> text) => Runs(text, static rune => rune.Value == '`' || IsPunctuation(rune));

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

    private static bool IsPunctuation(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherPunctuation
        || rune.Value is '$' or '+' or '<' or '=' or '>' or '^' or '~' or '|';

    private static bool IsDigitTriple(ReadOnlySpan<char> text) =>
        text.Length >= 3 && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]);

    /// <summary>The first run of characters of a class, or what is before it.</summary>
    public static int Runs(ReadOnlySpan<char> text, Func<Rune, bool> isInRun)
    {
        Rune.DecodeFromUtf16(text, out Rune first, out int length);
        bool run = isInRun(first);
        return EndOfRun(text, length, isInRun, run);
    }

    /// <summary>Where a run of characters of a class, or not of it, that begins at a position ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int at, Func<Rune, bool> isOfClass, bool wanted = true)
    {
        while (at < text.Length)
        {
            Rune.DecodeFromUtf16(text[at..], out Rune rune, out int length);
            if (isOfClass(rune) != wanted)
            {
                break;
            }
            at += length;
        }
        return at;
    }

    /// <summary>Where a run of any of these characters that begins at a position ends.</summary>
    public static int EndOfAny(ReadOnlySpan<char> text, int at, ReadOnlySpan<char> characters)
    {
        int length = text[at..].IndexOfAnyExcept(characters);
        return length < 0 ? text.Length : at + length;
    }

    /// <summary>Length of <c>'s|'t|'re|'ve|'m|'ll|'d</c> at the beginning, or 0.</summary>
    public static int Contraction(ReadOnlySpan<char> text, bool ignoreCase)
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

    /// <summary><c>\p{N}{1,most}</c>, at a number.</summary>
    public static int Digits(ReadOnlySpan<char> text, int most)
    {
        int at = 0;
        for (int count = 0; count < most && CharacterKinds.At(text, at, out int length) == CharacterKind.Number; count++)
        {
            at += length;
        }
        return at;
    }

    /// <summary><c>\s*[\r\n]+|\s+(?!\S)|\s+</c>, at white space.</summary>
    public static int SpacesOrLines(ReadOnlySpan<char> text)
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
