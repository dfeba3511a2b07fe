namespace Winnow.Inference.Tokenizers;

/// <summary>What a kind of tokeniser does with text that holds no special tokens. Immutable and safe for concurrent use.</summary>
internal interface ITextEncoder
{
    /// <summary>
    /// Whether a space is put before the text where a text begins, and taken away again from the first word of a decoded text.
    /// </summary>
    bool AddsSpacePrefix { get; }

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="begins">Nothing or a special token comes before the text.</param>
    /// <param name="ids">Where the tokens go.</param>
    void Encode(ReadOnlySpan<char> text, bool begins, List<int> ids);

    /// <summary>The bytes of all tokens, by id.</summary>
    byte[][] BuildBytes();
}
