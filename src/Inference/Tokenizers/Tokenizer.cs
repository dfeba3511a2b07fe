using System.Buffers;
using System.Text;

namespace Winnow.Inference.Tokenizers;

/// <summary>A tokeniser of any kind: special tokens are cut out, and an <see cref="ITextEncoder"/> does the rest.</summary>
internal sealed class Tokenizer : ITokenizer
{
    private readonly Vocabulary _vocabulary;
    private readonly ITextEncoder _encoder;
    private readonly byte[][] _bytes;
    private readonly SpecialTokenMatcher _userDefined;
    private readonly SpecialTokenMatcher _allSpecial;

    /// <summary>A tokeniser.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="encoder">What encodes the text between special tokens.</param>
    /// <param name="strips">Which special tokens take the white space beside them.</param>
    public Tokenizer(Vocabulary vocabulary, ITextEncoder encoder, Func<int, TokenStrip> strips)
    {
        _vocabulary = vocabulary;
        _encoder = encoder;
        _bytes = encoder.BuildBytes();
        _userDefined = new SpecialTokenMatcher(vocabulary, type => type == TokenType.UserDefined, strips);
        _allSpecial = new SpecialTokenMatcher(vocabulary, type => type is TokenType.UserDefined or TokenType.Control or TokenType.Unknown, strips);
    }

    /// <inheritdoc/>
    public int VocabularySize => _vocabulary.Count;

    /// <inheritdoc/>
    public int? BeginToken => _vocabulary.Roles.Begin;

    /// <inheritdoc/>
    public int? EndToken => _vocabulary.Roles.End;

    /// <inheritdoc/>
    public IReadOnlyList<int> EndTokens => _vocabulary.EndTokens;

    /// <inheritdoc/>
    public bool AddsBeginToken => _vocabulary.Roles.Prefix is not null;

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial)
    {
        List<int> ids = new((text.Length / 3) + 4);
        if (addSpecial && _vocabulary.Roles.Prefix is int prefix)
        {
            ids.Add(prefix);
        }
        SpecialTokenMatcher matcher = parseSpecial ? _allSpecial : _userDefined;
        for (bool first = true, begins = true; !text.IsEmpty; first = false)
        {
            int at = matcher.Find(text, out SpecialToken special);
            ReadOnlySpan<char> left = at < 0 ? text : special.StripLeft(text[..at]);
            if (!left.IsEmpty)
            {
                _encoder.Encode(left, WantsSpace(left, first, begins), ids);
                begins = false;
            }
            if (at < 0)
            {
                break;
            }
            ids.Add(special.Id);
            begins = true;
            text = special.StripRight(text[(at + special.Name.Length)..]);
        }
        if (addSpecial && _vocabulary.Roles.Suffix is int suffix)
        {
            ids.Add(suffix);
        }
        return [.. ids];
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        ArrayBufferWriter<byte> bytes = new();
        bool begins = _encoder.SpacePrefix != SpacePrefix.None;
        foreach (int id in ids)
        {
            bool special = _vocabulary.IsSpecial(id);
            if (special && skipSpecial)
            {
                continue;
            }
            ReadOnlySpan<byte> piece = TokenBytes(id);
            bytes.Write(begins && !special && piece is [(byte)' ', ..] ? piece[1..] : piece);
            begins &= special;
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public string TokenText(int id) => _vocabulary.Text(id);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int id) => _bytes[_vocabulary.Checked(id)];

    /// <inheritdoc/>
    public bool IsSpecial(int id) => _vocabulary.IsSpecial(id);

    private bool WantsSpace(ReadOnlySpan<char> text, bool first, bool begins) => _encoder.SpacePrefix switch
    {
        SpacePrefix.First => first,
        SpacePrefix.Each => begins,
        SpacePrefix.FirstIfNone => first && text[0] is not (' ' or SentencePieceEncoder.Space),
        SpacePrefix.EachIfNone => begins && text[0] is not (' ' or SentencePieceEncoder.Space),
        _ => false,
    };
}
