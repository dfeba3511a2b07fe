using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;

namespace Winnow.Inference.Grammar;

/// <summary>The tokens of a model as grammars see them, and the grammars compiled for it: the last ones are kept. Safe for concurrent use.</summary>
public sealed class GrammarVocabulary
{
    private const int MostKept = 32;

    private readonly byte[][] _bytes;
    private readonly bool[] _isEnd;
    private readonly Lock _lock = new();
    private readonly LinkedList<TokenGrammar> _kept = new();

    /// <summary>A vocabulary.</summary>
    /// <param name="bytes">By token, the bytes it stands for; empty for those that are no text, which no grammar allows.</param>
    /// <param name="endTokens">Tokens that end a text; allowed where a grammar may end, whatever their bytes.</param>
    public GrammarVocabulary(byte[][] bytes, IReadOnlyList<int> endTokens)
    {
        _bytes = [.. bytes];
        _isEnd = new bool[bytes.Length];
        foreach (int token in endTokens)
        {
            _isEnd[token] = true;
            _bytes[token] = [];
        }
        EndTokens = endTokens;
        Trie = new TokenTrie(_bytes);
    }

    /// <summary>Tokens.</summary>
    public int Size => _bytes.Length;

    /// <summary>Tokens that end a text.</summary>
    public IReadOnlyList<int> EndTokens { get; }

    /// <summary>The tokens by their bytes.</summary>
    internal TokenTrie Trie { get; }

    /// <summary>The vocabulary of a tokeniser.</summary>
    public static GrammarVocabulary Of(ITokenizer tokenizer) => new(
        [.. Enumerable.Range(0, tokenizer.VocabularySize).Select(id => tokenizer.IsSpecial(id) ? [] : tokenizer.TokenBytes(id).ToArray())], tokenizer.EndTokens);

    /// <summary>The vocabulary of a model file, read when it is first asked for: the file must then still be open.</summary>
    public static Lazy<GrammarVocabulary> Of(ModelFile file) => new(() => Of(TokenizerFactory.FromFile(file)));

    /// <summary>Compiles a grammar, or finds it among those compiled last.</summary>
    /// <exception cref="GrammarException">It is not well-formed, uses what is not supported, or is too large.</exception>
    public TokenGrammar Compile(GrammarSource source)
    {
        if (Find(source) is { } known)
        {
            return known;
        }
        TokenGrammar made = new(source, AutomatonBuilder.Build(GrammarReader.Read(source)), this);
        lock (_lock)
        {
            _kept.AddFirst(made);
            if (_kept.Count > MostKept)
            {
                _kept.RemoveLast();
            }
        }
        return made;
    }

    /// <summary>Whether a token ends a text; any number.</summary>
    internal bool IsEnd(int token) => (uint)token < (uint)_isEnd.Length && _isEnd[token];

    /// <summary>The bytes of a token; empty for one that is no text, or no token.</summary>
    internal ReadOnlySpan<byte> BytesOf(int token) => (uint)token < (uint)_bytes.Length ? _bytes[token] : [];

    private TokenGrammar? Find(GrammarSource source)
    {
        lock (_lock)
        {
            for (LinkedListNode<TokenGrammar>? node = _kept.First; node is not null; node = node.Next)
            {
                if (node.Value.Source == source)
                {
                    _kept.Remove(node);
                    if (node.Value.IsFull)
                    {
                        return null;
                    }
                    _kept.AddFirst(node);
                    return node.Value;
                }
            }
            return null;
        }
    }
}
