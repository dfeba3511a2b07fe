using System.Text;

namespace Winnow.Inference.Tokenizers;

/// <summary>The tokens of a model with their kinds and special roles. Immutable and safe for concurrent use.</summary>
internal sealed class Vocabulary
{
    private readonly IReadOnlyList<string> _tokens;
    private readonly TokenType[] _types;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _idsBySpan;

    /// <summary>A vocabulary; tokens known to end a generation become control tokens.</summary>
    /// <param name="path">The file the tokens are from, for errors.</param>
    /// <param name="tokens">Spellings by id, at least one.</param>
    /// <param name="types">Kinds by id, as many; taken over.</param>
    /// <param name="roles">Special roles; ids that exist.</param>
    public Vocabulary(string path, IReadOnlyList<string> tokens, TokenType[] types, TokenRoles roles)
    {
        Path = path;
        Roles = roles;
        _tokens = tokens;
        _types = types;
        _ids = new Dictionary<string, int>(tokens.Count, StringComparer.Ordinal);
        for (int id = 0; id < tokens.Count; id++)
        {
            _ids.TryAdd(tokens[id], id);
        }
        _idsBySpan = _ids.GetAlternateLookup<ReadOnlySpan<char>>();
        EndTokens = EndOfGeneration.Find(_ids, _types, roles);
    }

    /// <summary>The file the tokens are from, for errors.</summary>
    public string Path { get; }

    /// <summary>Tokens in all.</summary>
    public int Count => _tokens.Count;

    /// <summary>Tokens with special roles.</summary>
    public TokenRoles Roles { get; }

    /// <summary>Tokens that end a generation, ascending.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>Id of every token by its spelling; the first of equals.</summary>
    public IReadOnlyDictionary<string, int> Ids => _ids;

    /// <summary>Finds a token by its spelling.</summary>
    public bool TryFind(ReadOnlySpan<char> spelling, out int id) => _idsBySpan.TryGetValue(spelling, out id);

    /// <summary>A token's spelling.</summary>
    public string Text(int id) => _tokens[Checked(id)];

    /// <summary>A token's kind.</summary>
    public TokenType Type(int id) => _types[Checked(id)];

    /// <summary>Whether a token is not text.</summary>
    public bool IsSpecial(int id) => Type(id) is TokenType.Control or TokenType.Unknown;

    /// <summary>The bytes of every token: of some types by the rule of one kind of tokeniser, of the others their names.</summary>
    public byte[][] BuildBytes(Func<TokenType, bool> isSpelled, Func<string, TokenType, byte[]> spelledBytes)
    {
        byte[][] bytes = new byte[Count][];
        for (int id = 0; id < bytes.Length; id++)
        {
            bytes[id] = isSpelled(_types[id]) ? spelledBytes(_tokens[id], _types[id]) : Encoding.UTF8.GetBytes(_tokens[id]);
        }
        return bytes;
    }

    /// <summary>Refuses an id that is not in the vocabulary.</summary>
    public int Checked(int id) => (uint)id < (uint)Count
        ? id
        : throw new ArgumentOutOfRangeException(nameof(id), id, $"Token id '{id}' is not in the vocabulary; ids run from 0 to {Count - 1}.");
}
