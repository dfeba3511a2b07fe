using System.Text;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// Text that continues a prompt, as its tokens arrive. A code point comes out whole, when its last byte is there; all pieces together are
/// what <see cref="ITokenizer.Decode"/> of prompt and tokens adds to that of the prompt: the space before a first word stays. Not thread-safe.
/// </summary>
/// <param name="tokenizer">The model's tokeniser.</param>
/// <param name="skipSpecial">Leave control and unknown tokens out.</param>
public sealed class StreamingDetokenizer(ITokenizer tokenizer, bool skipSpecial = true)
{
    // At most 3 bytes of a code point wait in the decoder; each byte gives at most one character then.
    private const int MaxWaitingBytes = 3;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _characters = new char[64];

    /// <summary>Takes a token and answers with the text that is complete now; may be empty.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is not in the vocabulary.</exception>
    public string Push(int id)
    {
        if (skipSpecial && tokenizer.IsSpecial(id))
        {
            return "";
        }
        return Decode(tokenizer.TokenBytes(id), flush: false);
    }

    /// <summary>Ends the text: what is left of an incomplete code point becomes U+FFFD. The detokeniser can then begin anew.</summary>
    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        int most = bytes.Length + MaxWaitingBytes;
        if (_characters.Length < most)
        {
            _characters = new char[most];
        }
        int count = _decoder.GetChars(bytes, _characters, flush);
        return count == 0 ? "" : new string(_characters, 0, count);
    }
}
