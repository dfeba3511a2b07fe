using System.Buffers;
using System.Globalization;
using System.Text;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>
/// SentencePiece's byte-pair encoding (Kudo and Richardson 2018) as llama.cpp does it: spaces become U+2581, the characters of the whole
/// text are merged, and a character that has no token becomes the tokens of its UTF-8 bytes.
/// </summary>
internal sealed class SentencePieceEncoder : ITextEncoder
{
    /// <summary>The character that stands for a space.</summary>
    public const char Space = '\u2581';

    private const int UnknownCharacter = int.MinValue; // plus the code point

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly Dictionary<int, int> _symbolOfRune;
    private readonly int[] _tokenOfByte;

    /// <summary>An encoder.</summary>
    /// <param name="vocabulary">The tokens.</param>
    /// <param name="merges">The rules.</param>
    /// <param name="spacePrefix">Where a space is put before a text.</param>
    /// <exception cref="ModelFileException">A byte has no token.</exception>
    public SentencePieceEncoder(Vocabulary vocabulary, MergeTable merges, SpacePrefix spacePrefix)
    {
        _vocabulary = vocabulary;
        _merges = merges;
        SpacePrefix = spacePrefix;
        _symbolOfRune = FindCharacters();
        _tokenOfByte = FindByteTokens();
    }

    /// <inheritdoc/>
    public SpacePrefix SpacePrefix { get; }

    /// <summary>
    /// Whether text can become the token. A control token's name in a text is text, whatever its parts merge to (llama.cpp makes the token).
    /// </summary>
    public static bool IsText(TokenType type) => type is TokenType.Normal or TokenType.UserDefined or TokenType.Unused;

    /// <inheritdoc/>
    public byte[][] BuildBytes() => _vocabulary.BuildBytes(
        static type => type == TokenType.Byte || IsText(type),
        static (text, type) => type == TokenType.Byte && TryByte(text, out byte value) ? [value] : Encoding.UTF8.GetBytes(text.Replace(Space, ' ')));

    /// <inheritdoc/>
    public void Encode(ReadOnlySpan<char> text, bool prefix, List<int> ids)
    {
        int[] symbols = ArrayPool<int>.Shared.Rent(text.Length + 1);
        int count = 0;
        if (prefix)
        {
            symbols[count++] = SymbolOf(new Rune(Space));
        }
        while (!text.IsEmpty)
        {
            Rune.DecodeFromUtf16(text, out Rune rune, out int length); // a lone surrogate is U+FFFD
            symbols[count++] = SymbolOf(rune.Value == ' ' ? new Rune(Space) : rune);
            text = text[length..];
        }
        count = _merges.Apply(symbols.AsSpan(0, count));
        foreach (int symbol in symbols.AsSpan(0, count))
        {
            if ((uint)symbol < (uint)_vocabulary.Count)
            {
                ids.Add(symbol);
            }
            else
            {
                AddBytes(symbol, ids);
            }
        }
        ArrayPool<int>.Shared.Return(symbols);
    }

    private int SymbolOf(Rune rune) => _symbolOfRune.TryGetValue(rune.Value, out int symbol) ? symbol : UnknownCharacter + rune.Value;

    private void AddBytes(int symbol, List<int> ids)
    {
        Rune rune = symbol < 0 ? new Rune(symbol - UnknownCharacter) : Rune.GetRuneAt(_merges.ExtraSymbols[symbol - _vocabulary.Count], 0);
        Span<byte> bytes = stackalloc byte[4];
        foreach (byte value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            ids.Add(_tokenOfByte[value]);
        }
    }

    private Dictionary<int, int> FindCharacters()
    {
        Dictionary<int, int> symbols = [];
        for (int id = 0; id < _vocabulary.Count; id++)
        {
            if (IsText(_vocabulary.Type(id)) && TrySingle(_vocabulary.Text(id), out Rune rune))
            {
                symbols.TryAdd(rune.Value, id);
            }
        }
        for (int i = 0; i < _merges.ExtraSymbols.Count; i++)
        {
            if (TrySingle(_merges.ExtraSymbols[i], out Rune rune))
            {
                symbols.TryAdd(rune.Value, _vocabulary.Count + i);
            }
        }
        return symbols;
    }

    private static bool TrySingle(string text, out Rune rune) =>
        Rune.DecodeFromUtf16(text, out rune, out int length) == OperationStatus.Done && length == text.Length;

    private int[] FindByteTokens()
    {
        int[] tokens = new int[256];
        Array.Fill(tokens, -1);
        for (int id = 0; id < _vocabulary.Count; id++)
        {
            if (_vocabulary.Type(id) == TokenType.Byte && TryByte(_vocabulary.Text(id), out byte value))
            {
                tokens[value] = id;
            }
        }
        for (int value = 0; value < tokens.Length; value++)
        {
            bool occursInUtf8 = value is not (0xC0 or 0xC1 or >= 0xF5);
            if (tokens[value] < 0 && occursInUtf8)
            {
                tokens[value] = _vocabulary.Roles.Unknown
                    ?? throw new ModelFileException(_vocabulary.Path, $"vocabulary, byte 0x{value:X2}", "missing", "a token for every byte, or an unknown token");
            }
        }
        return tokens;
    }

    private static bool TryByte(string text, out byte value)
    {
        value = 0;
        return text.Length == 6 && text.StartsWith("<0x", StringComparison.Ordinal) && text[5] == '>'
            && byte.TryParse(text.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
    }
}
