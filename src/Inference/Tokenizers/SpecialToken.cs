namespace Winnow.Inference.Tokenizers;

/// <summary>A token that is read from text by its name.</summary>
/// <param name="Name">Its name, not empty.</param>
/// <param name="Id">Its id.</param>
/// <param name="Strip">What it does to the white space beside it.</param>
internal readonly record struct SpecialToken(string Name, int Id, TokenStrip Strip)
{
    private const string WhiteSpace = " \t\n\v\f\r";

    /// <summary>What is left of the text before the token.</summary>
    public ReadOnlySpan<char> StripLeft(ReadOnlySpan<char> text) =>
        !Strip.HasFlag(TokenStrip.Left) ? text : Strip.HasFlag(TokenStrip.AnyWhiteSpace) ? text.TrimEnd() : text.TrimEnd(WhiteSpace);

    /// <summary>What is left of the text after the token.</summary>
    public ReadOnlySpan<char> StripRight(ReadOnlySpan<char> text) =>
        !Strip.HasFlag(TokenStrip.Right) ? text : Strip.HasFlag(TokenStrip.AnyWhiteSpace) ? text.TrimStart() : text.TrimStart(WhiteSpace);
}
