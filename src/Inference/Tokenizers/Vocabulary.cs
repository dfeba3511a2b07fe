using System.Text;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tokenizers;

/// <summary>The tokens of a model file with their kinds and special roles, checked.</summary>
internal sealed class Vocabulary
{
    private const string TokensKey = "tokenizer.ggml.tokens";
    private const string TypesKey = "tokenizer.ggml.token_type";

    private static readonly string[] EndTokenKeys =
        ["tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

    // Models whose files name only one end token end their turns with one of these all the same.
    private static readonly string[] EndTokenNames =
    [
        "<|eot_id|>", "<|im_end|>", "<|end|>", "<end_of_turn>", "<|endoftext|>", "<|end_of_text|>", "<|eom_id|>", "<|return|>",
        "<|call|>", "<EOT>", "_<EOT>", "[EOT]", "[EOS]", "<｜end▁of▁sentence｜>", "<end_of_utterance>",
    ];

    private readonly IReadOnlyList<string> _tokens;
    private readonly TokenType[] _types;
    private readonly Dictionary<string, int> _ids;

    private Vocabulary(ModelFile file, IReadOnlyList<string> tokens, TokenType[] types)
    {
        Path = file.Path;
        _tokens = tokens;
        _types = types;
        _ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            _ids.TryAdd(tokens[id], id);
        }
        BeginToken = ReadId(file, "tokenizer.ggml.bos_token_id");
        EndToken = ReadId(file, EndTokenKeys[0]);
        UnknownToken = ReadId(file, "tokenizer.ggml.unknown_token_id");
        EndTokens = [.. EndTokenKeys.Select(key => ReadId(file, key)).OfType<int>().Concat(NamedEndTokens()).Distinct().Order()];
    }

    /// <summary>The file the tokens are from, for errors.</summary>
    public string Path { get; }

    /// <summary>Tokens in all.</summary>
    public int Count => _tokens.Count;

    /// <summary>The token that begins a text.</summary>
    public int? BeginToken { get; }

    /// <summary>The token that ends a text.</summary>
    public int? EndToken { get; }

    /// <summary>The token for text without one.</summary>
    public int? UnknownToken { get; }

    /// <summary>Tokens that end a generation, ascending.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Id of every token by its spelling; the first of equals.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>Reads the vocabulary of a model file.</summary>
    /// <exception cref="ModelFileException">A key is missing or inconsistent.</exception>
    public static Vocabulary Read(ModelFile file)
    {
        IReadOnlyList<string> tokens = file.Metadata.GetStrings(TokensKey);
        if (tokens.Count == 0)
        {
            throw new ModelFileException(file.Path, $"metadata '{TokensKey}'", "empty", "at least one token");
        }
        return new Vocabulary(file, tokens, ReadTypes(file, tokens.Count));
    }

    /// <summary>A token's spelling.</summary>
    public string Text(int id) => _tokens[Checked(id)];

    /// <summary>A token's kind.</summary>
    public TokenType Type(int id) => _types[Checked(id)];

    /// <summary>Whether a token is not text.</summary>
    public bool IsSpecial(int id) => Type(id) is TokenType.Control or TokenType.Unknown;

    /// <summary>The bytes of every token, by the rule of one kind of tokeniser for ordinary text; other kinds are their names.</summary>
    public byte[][] BuildBytes(Func<string, TokenType, byte[]> textBytes)
    {
        byte[][] bytes = new byte[Count][];
        for (int id = 0; id < bytes.Length; id++)
        {
            bytes[id] = _types[id] is TokenType.Normal or TokenType.Byte
                ? textBytes(_tokens[id], _types[id])
                : Encoding.UTF8.GetBytes(_tokens[id]);
        }
        return bytes;
    }

    /// <summary>Refuses an id that is not in the vocabulary.</summary>
    public int Checked(int id) => (uint)id < (uint)Count
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token id '{id}' is not in the vocabulary; ids run from 0 to {Count - 1}.");

    private static TokenType[] ReadTypes(ModelFile file, int count)
    {
        TokenType[] types = new TokenType[count];
        Array.Fill(types, TokenType.Normal);
        if (!file.Metadata.TryGetInt32s(TypesKey, out IReadOnlyList<int>? found))
        {
            return types;
        }
        if (found.Count != count)
        {
            throw new ModelFileException(file.Path, $"metadata '{TypesKey}', element count", found.Count, $"{count}, one per token");
        }
        for (int id = 0; id < count; id++)
        {
            // 0 is "undefined" in the format; llama.cpp reads it as ordinary text too.
            types[id] = found[id] switch
            {
                0 => TokenType.Normal,
                >= (int)TokenType.Normal and <= (int)TokenType.Byte => (TokenType)found[id],
                _ => throw new ModelFileException(file.Path, $"metadata '{TypesKey}', element {id}", found[id], "a token type from 1 to 6"),
            };
        }
        return types;
    }

    private int? ReadId(ModelFile file, string key)
    {
        if (!file.Metadata.TryGetUInt32(key, out uint id))
        {
            return null;
        }
        return id < Count ? (int)id : throw new ModelFileException(file.Path, $"metadata '{key}'", id, $"a token id below {Count}");
    }

    private IEnumerable<int> NamedEndTokens() => EndTokenNames.Where(_ids.ContainsKey).Select(name => _ids[name]);
}
