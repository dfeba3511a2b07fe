using System.Text;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>
/// Tokens of a text that continues another one, without the space that some tokenisers put before a text. The tokens stand for the text's bytes exactly,
/// or there are none: tokenisers that change text (case, accents) cannot be followed byte by byte.
/// </summary>
/// <param name="tokenizer">The tokeniser.</param>
internal sealed class ContinuationEncoder(ITokenizer tokenizer)
{
    private const string Anchor = "\n";

    /// <summary>Tokens of UTF-8 text.</summary>
    /// <param name="text">Whole code points.</param>
    /// <param name="tokens">The tokens; empty when they cannot be had.</param>
    /// <returns>Whether the tokens stand for the text's bytes.</returns>
    public bool TryEncode(ReadOnlySpan<byte> text, out int[] tokens)
    {
        string characters = Encoding.UTF8.GetString(text);
        tokens = tokenizer.Encode(characters, addSpecial: false, parseSpecial: false);
        if (Spell(tokens, text))
        {
            return true;
        }
        int[] anchored = tokenizer.Encode(Anchor + characters, addSpecial: false, parseSpecial: false);
        for (int skip = 1; skip <= Math.Min(3, anchored.Length); skip++)
        {
            if (Spell(anchored.AsSpan(skip), text))
            {
                tokens = anchored[skip..];
                return true;
            }
        }
        tokens = [];
        return false;
    }

    private bool Spell(ReadOnlySpan<int> tokens, ReadOnlySpan<byte> text)
    {
        foreach (int token in tokens)
        {
            ReadOnlySpan<byte> bytes = tokenizer.TokenBytes(token);
            if (tokenizer.IsSpecial(token) || !text.StartsWith(bytes))
            {
                return false;
            }
            text = text[bytes.Length..];
        }
        return text.IsEmpty;
    }
}
