using System.Buffers;

namespace Winnow.Inference.Tokenizers;

/// <summary>Finds the names of special tokens in a text: the leftmost, and of those that begin there the longest.</summary>
internal sealed class SpecialTokenMatcher
{
    private readonly SearchValues<string> _names;
    private readonly ILookup<char, (string Name, int Id)> _byFirst;

    /// <summary>A matcher for the tokens that <paramref name="include"/> selects.</summary>
    public SpecialTokenMatcher(Vocabulary vocabulary, Func<TokenType, bool> include)
    {
        List<(string Name, int Id)> tokens = [];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (include(vocabulary.Type(id)) && vocabulary.Text(id).Length > 0)
            {
                tokens.Add((vocabulary.Text(id), id));
            }
        }
        _names = SearchValues.Create([.. tokens.Select(token => token.Name)], StringComparison.Ordinal);
        _byFirst = tokens.OrderByDescending(token => token.Name.Length).ToLookup(token => token.Name[0]);
    }

    /// <summary>Finds the first name.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="id">The token found.</param>
    /// <param name="length">Its length in the text.</param>
    /// <returns>Where it begins, or -1.</returns>
    public int Find(ReadOnlySpan<char> text, out int id, out int length)
    {
        int at = text.IndexOfAny(_names);
        if (at >= 0)
        {
            foreach ((string name, int token) in _byFirst[text[at]])
            {
                if (text[at..].StartsWith(name, StringComparison.Ordinal))
                {
                    id = token;
                    length = name.Length;
                    return at;
                }
            }
        }
        id = -1;
        length = 0;
        return -1;
    }
}
