namespace Winnow.Inference.Tokenizers;

/// <summary>Turns text into token ids and back. Immutable and safe for concurrent use.</summary>
public interface ITokenizer
{
    /// <summary>V: ids run from 0 to V - 1.</summary>
    int VocabularySize { get; }

    /// <summary>The token that begins a text, if the model has one.</summary>
    int? BeginToken { get; }

    /// <summary>The token that ends a text, if the model has one.</summary>
    int? EndToken { get; }

    /// <summary>Every token that ends a generation: end of text, of turn, of message. Ascending, may be empty.</summary>
    IReadOnlyList<int> EndTokens { get; }

    /// <summary>Whether <see cref="Encode"/> with special tokens begins with <see cref="BeginToken"/>.</summary>
    bool AddsBeginToken { get; }

    /// <summary>Token ids of a text.</summary>
    /// <param name="text">Any text; a lone surrogate counts as U+FFFD.</param>
    /// <param name="addSpecial">Add the begin and end tokens that the model wants around a text.</param>
    /// <param name="parseSpecial">Read the names of control tokens in the text as those tokens: only for trusted templates.</param>
    int[] Encode(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial);

    /// <summary>
    /// Text of token ids; bytes that are not UTF-8 become U+FFFD. The space that some kinds put before a text is taken away again.
    /// </summary>
    /// <param name="ids">Ids below <see cref="VocabularySize"/>.</param>
    /// <param name="skipSpecial">Leave control and unknown tokens out.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is not in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> ids, bool skipSpecial);

    /// <summary>The token as the vocabulary spells it, for people.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    string TokenText(int id);

    /// <summary>The bytes that a token stands for; a part of a code point is possible. A control token's are its name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    ReadOnlySpan<byte> TokenBytes(int id);

    /// <summary>Whether a token is a control or unknown token, not text.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    bool IsSpecial(int id);
}
