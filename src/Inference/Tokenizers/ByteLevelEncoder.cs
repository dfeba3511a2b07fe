using System.Buffers;
using System.Text;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers.Splitting;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// Byte-level byte-pair encoding (GPT-2; Radford et al. 2019): text is split into words by the model's rule, each word's UTF-8 bytes are
/// merged by rank.
/// </summary>
internal sealed class ByteLevelEncoder : ITextEncoder
{
    private const int NoToken = -2; // no merge rule knows it

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly WordSplitter _splitter;
    private readonly int[] _tokenOfByte;

    /// <summary>An encoder.</summary>
    /// <param name="vocabulary">The tokens, spelled in <see cref="ByteAlphabet"/>.</param>
    /// <param name="merges">The rules.</param>
    /// <param name="splitter">How text is split into words.</param>
    /// <exception cref="ModelFileException">A byte has no token.</exception>
    public ByteLevelEncoder(Vocabulary vocabulary, MergeTable merges, WordSplitter splitter)
    {
        _vocabulary = vocabulary;
        _merges = merges;
        _splitter = splitter;
        _tokenOfByte = FindByteTokens();
    }

    /// <inheritdoc/>
    public SpacePrefix SpacePrefix => SpacePrefix.None;

    /// <inheritdoc/>
    public byte[][] BuildBytes() =>
        _vocabulary.BuildBytes(static type => type is TokenType.Normal or TokenType.Byte, static (text, _) => SpelledBytes(text));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool prefix, List<int> ids)
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

    private int[] FindByteTokens()
    {
        int[] tokens = new int[256];
        for (int value = 0; value < tokens.Length; value++)
        {
            if (_vocabulary.TryFind([ByteAlphabet.ToCharacter((byte)value)], out int id))
            {
                tokens[value] = id;
                continue;
            }
            // As with llama.cpp, a byte without a token is left out; without an unknown token as well, the file is taken for damaged.
            bool occursInUtf8 = value is not (0xC0 or 0xC1 or >= 0xF5);
            tokens[value] = _vocabulary.Roles.Unknown is not null || !occursInUtf8
                ? NoToken
                : throw new ModelFileException(_vocabulary.Path, $"vocabulary, byte 0x{value:X2}", "missing", "a token for every byte, or an unknown token");
        }
        return tokens;
    }

    private void EncodeWord(ReadOnlySpan<byte> word, Span<int> symbols, List<int> ids)
    {
        if (_splitter.PrefersWholeWords && TryFindWholeWord(word, out int id))
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
            if ((uint)symbol < (uint)_vocabulary.Count)
            {
                ids.Add(symbol);
            }
            else if (symbol != NoToken)
            {
                AddBytes(_merges.ExtraSymbols[symbol - _vocabulary.Count], ids);
            }
        }
    }

    private void AddBytes(string spelling, List<int> ids)
    {
        foreach (byte value in SpelledBytes(spelling))
        {
            if (_tokenOfByte[value] is int id and not NoToken)
            {
                ids.Add(id);
            }
        }
    }

    private bool TryFindWholeWord(ReadOnlySpan<byte> word, out int id)
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
        return _vocabulary.TryFind(spelling[..word.Length], out id);
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
