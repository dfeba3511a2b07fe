namespace Winnow.Inference.Tokenizers;

/// <summary>What a kind of tokeniser does with text that holds no special tokens. Immutable and safe for concurrent use.</summary>
internal interface ITextEncoder
{
    /// <summary>Where a space is put before a text; it is taken away again from the first word of a decoded text.</summary>
    SpacePrefix SpacePrefix { get; }

    /// <summary>Appends the tokens of a text.</summary>
    /// <param name="text">The text, not empty.</param>
    /// <param name="prefix">Put a space before it.</param>
    /// <param name="ids">Where the tokens go.</param>
    void Encode(ReadOnlySpan<char> text, bool prefix, List<int> ids);

    /// <summary>The bytes of all tokens, by id.</summary>
    byte[][] BuildBytes();
}
