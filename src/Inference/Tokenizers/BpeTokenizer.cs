using System.Buffers;
using System.Text;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding (GPT-2; Radford et al. 2019): special tokens are cut out, the rest is split into words by the model's
/// rule, each word's UTF-8 bytes are merged by rank.
/// </summary>
public sealed class BpeTokenizer : ITokenizer
{
    private readonly Vocabulary _vocabulary;
    private readonly BpeMerges _merges;
    private readonly WordSplitter _splitter;
    private readonly byte[][] _bytes;
    private readonly int[] _tokenOfByte;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>>? _wholeWords;
    private readonly SpecialTokenMatcher _userDefined;
    private readonly SpecialTokenMatcher _allSpecial;
    private readonly bool _addsEndToken;

    private BpeTokenizer(ModelFile file)
    {
        _vocabulary = Vocabulary.Read(file);
        _merges = BpeMerges.Read(file, _vocabulary);
        _splitter = WordSplitter.FromGguf(file);
        _bytes = _vocabulary.BuildBytes(static (text, _) => SpelledBytes(text));
        _tokenOfByte = FindByteTokens(file);
        if (_splitter.PrefersWholeWords)
        {
            _wholeWords = new Dictionary<string, int>(_vocabulary.Ids, StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();
        }
        _userDefined = new SpecialTokenMatcher(_vocabulary, type => type == TokenType.UserDefined);
        _allSpecial = new SpecialTokenMatcher(_vocabulary, type => type is TokenType.UserDefined or TokenType.Control or TokenType.Unknown);
        AddsBeginToken = _vocabulary.BeginToken is not null
            && (file.Metadata.TryGetBool("tokenizer.ggml.add_bos_token", out bool addBegin) ? addBegin : _splitter.PrefersWholeWords);
        _addsEndToken = _vocabulary.EndToken is not null && file.Metadata.TryGetBool("tokenizer.ggml.add_eos_token", out bool addEnd) && addEnd;
    }

    /// <inheritdoc/>
    public int VocabularySize => _vocabulary.Count;

    /// <inheritdoc/>
    public int? BeginToken => _vocabulary.BeginToken;

    /// <inheritdoc/>
    public int? EndToken => _vocabulary.EndToken;

    /// <inheritdoc/>
    public IReadOnlyList<int> EndTokens => _vocabulary.EndTokens;

    /// <inheritdoc/>
    public bool AddsBeginToken { get; }

    /// <summary>Reads the tokeniser of a file whose <c>tokenizer.ggml.model</c> is <c>gpt2</c>.</summary>
    /// <exception cref="ModelFileException">The file's tokeniser is incomplete, inconsistent or of an unknown kind.</exception>
    public static BpeTokenizer FromGguf(ModelFile file) => new(file);

    /// <inheritdoc/>
    public int[] Encode(ReadOnlySpan<char> text, bool addSpecial, bool parseSpecial)
    {
        List<int> ids = new((text.Length / 3) + 4);
        if (addSpecial && AddsBeginToken)
        {
            ids.Add(_vocabulary.BeginToken!.Value);
        }
        SpecialTokenMatcher matcher = parseSpecial ? _allSpecial : _userDefined;
        while (!text.IsEmpty)
        {
            int at = matcher.Find(text, out int special, out int length);
            EncodeText(at < 0 ? text : text[..at], ids);
            if (at < 0)
            {
                break;
            }
            ids.Add(special);
            text = text[(at + length)..];
        }
        if (addSpecial && _addsEndToken)
        {
            ids.Add(_vocabulary.EndToken!.Value);
        }
        return [.. ids];
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecial)
    {
        ArrayBufferWriter<byte> bytes = new();
        foreach (int id in ids)
        {
            if (!skipSpecial || !_vocabulary.IsSpecial(id))
            {
                bytes.Write(TokenBytes(id));
            }
        }
        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    /// <inheritdoc/>
    public string TokenText(int id) => _vocabulary.Text(id);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> TokenBytes(int id) => _bytes[_vocabulary.Checked(id)];

    /// <inheritdoc/>
    public bool IsSpecial(int id) => _vocabulary.IsSpecial(id);

    private static byte[] SpelledBytes(string spelling)
    {
        List<byte> bytes = new(spelling.Length);
        foreach (Rune rune in spelling.EnumerateRunes())
        {
            if (rune.IsBmp && ByteAlphabet.TryToByte((char)rune.Value, out byte value))
            {
                bytes.Add(value);
            }
            else
            {
                bytes.AddRange(Encoding.UTF8.GetBytes(rune.ToString()));
            }
        }
        return [.. bytes];
    }

    private int[] FindByteTokens(ModelFile file)
    {
        int[] tokens = new int[256];
        for (int value = 0; value < tokens.Length; value++)
        {
            if (_vocabulary.Ids.TryGetValue(ByteAlphabet.ToCharacter((byte)value).ToString(), out int id))
            {
                tokens[value] = id;
                continue;
            }
            bool occursInUtf8 = value is not (0xC0 or 0xC1 or >= 0xF5);
            tokens[value] = _vocabulary.UnknownToken ?? (occursInUtf8
                ? throw new ModelFileException(file.Path, $"metadata 'tokenizer.ggml.tokens', byte 0x{value:X2}", "missing", "a token for every byte, or an unknown token")
                : -1);
        }
        return tokens;
    }

    private void EncodeText(ReadOnlySpan<char> text, List<int> ids)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(256);
        int[] symbols = ArrayPool<int>.Shared.Rent(256);
        WordEnumerator words = _splitter.Enumerate(text);
        while (words.MoveNext())
        {
            int most = Encoding.UTF8.GetMaxByteCount(words.Current.Length);
            Grow(ref bytes, most);
            Grow(ref symbols, most);
            int count = Encoding.UTF8.GetBytes(words.Current, bytes);
            EncodeWord(bytes.AsSpan(0, count), symbols.AsSpan(0, count), ids);
        }
        ArrayPool<byte>.Shared.Return(bytes);
        ArrayPool<int>.Shared.Return(symbols);
    }

    private void EncodeWord(ReadOnlySpan<byte> word, Span<int> symbols, List<int> ids)
    {
        if (_wholeWords is { } wholeWords && TryFindWholeWord(wholeWords, word, out int id))
        {
            ids.Add(id);
            return;
        }
        for (int i = 0; i < word.Length; i++)
        {
            symbols[i] = _tokenOfByte[word[i]];
        }
        int count = _merges.Apply(symbols);
        foreach (int symbol in symbols[..count])
        {
            if (symbol < VocabularySize)
            {
                ids.Add(symbol);
            }
            else
            {
                AddBytes(_merges.ExtraSymbols[symbol - VocabularySize], ids);
            }
        }
    }

    private void AddBytes(string spelling, List<int> ids)
    {
        foreach (byte value in SpelledBytes(spelling))
        {
            ids.Add(_tokenOfByte[value]);
        }
    }

    private static bool TryFindWholeWord(Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> wholeWords, ReadOnlySpan<byte> word, out int id)
    {
        const int LongestWord = 256;
        id = -1;
        if (word.Length > LongestWord)
        {
            return false;
        }
        Span<char> spelling = stackalloc char[LongestWord];
        for (int i = 0; i < word.Length; i++)
        {
            spelling[i] = ByteAlphabet.ToCharacter(word[i]);
        }
        return wholeWords.TryGetValue(spelling[..word.Length], out id);
    }

    private static void Grow<T>(ref T[] buffer, int length)
    {
        if (buffer.Length < length)
        {
            ArrayPool<T>.Shared.Return(buffer);
            buffer = ArrayPool<T>.Shared.Rent(length);
        }
    }
}
