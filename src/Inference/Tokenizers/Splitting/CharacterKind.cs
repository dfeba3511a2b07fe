using System.Globalization;
using System.Text;

namespace Winnow.Inference.Tokenizers.Splitting;

/// <summary>The four kinds of code points that the splitting rules tell apart; they do not overlap.</summary>
internal enum CharacterKind
{
    /// <summary>Anything else.</summary>
    Other,

    /// <summary>Category L.</summary>
    Letter,

    /// <summary>Category N.</summary>
    Number,

    /// <summary>Property White_Space.</summary>
    Space,
}

/// <summary>Finds the kind of code points and runs of a kind.</summary>
internal static class CharacterKinds
{
    private static readonly CharacterKind[] Ascii = [.. Enumerable.Range(0, 128).Select(value => Of(new Rune(value)))];

    /// <summary>Kind of the code point at a position; a lone surrogate is <see cref="CharacterKind.Other"/>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="at">Position of a code point, or beyond the end.</param>
    /// <param name="length">Characters of the code point; 0 beyond the end, where the kind means nothing.</param>
    public static CharacterKind At(ReadOnlySpan<char> text, int at, out int length)
    {
        if ((uint)at >= (uint)text.Length)
        {
            length = 0;
            return CharacterKind.Other;
        }
        char first = text[at];
        if (first < 128)
        {
            length = 1;
            return Ascii[first];
        }
        Rune.DecodeFromUtf16(text[at..], out Rune rune, out length);
        return Of(rune);
    }

    /// <summary>Where a run of a kind that begins at a position ends.</summary>
    public static int EndOfRun(ReadOnlySpan<char> text, int at, CharacterKind kind)
    {
        while (At(text, at, out int length) == kind && length > 0)
        {
            at += length;
        }
        return at;
    }

    /// <summary>Kind of a code point.</summary>
    public static CharacterKind Of(Rune rune)
    {
        if (Rune.IsWhiteSpace(rune))
        {
            return CharacterKind.Space;
        }
        return Rune.GetUnicodeCategory(rune) switch
        {
            <= UnicodeCategory.OtherLetter => CharacterKind.Letter,
            UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharacterKind.Number,
            _ => CharacterKind.Other,
        };
    }
}
