using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Random well-formed text over all of Unicode, with more of what tokenisers stumble on.</summary>
internal static class UnicodeText
{
    private static readonly Gen<string> Piece = Gen.OneOf(
        Gen.Elements(" ", "  ", "\n", "\r\n", "\t", "\u00A0", "\u3000", "\u0085", "'s", "'LL", "don't", "the", "hello", "123", "٣", "½", "é", "e\u0301", "👩‍👩‍👧", "…", "$", "<s>", "\0"),
        Gen.Choose(0, 0x10FFFF).Where(value => Rune.IsValid(value)).Select(value => new Rune(value).ToString()),
        Gen.Choose(0x20, 0x7E).Select(value => ((char)value).ToString()));

    /// <summary>Texts of any length.</summary>
    public static Arbitrary<string> Arbitrary { get; } = Gen.ListOf(Piece).Select(string.Concat).ToArbitrary();
}
