using System.Buffers;

namespace Winnow.Inference.Tokenizers;

/// <summary>Finds the names of special tokens in a text: the leftmost, and of those that begin there the longest.</summary>
internal sealed class SpecialTokenMatcher
{
    private readonly SearchValues<string> _names;
    private readonly ILookup<char, SpecialToken> _byFirst;

    /// <summary>A matcher for the tokens that <paramref name="include"/> selects.</summary>
    public SpecialTokenMatcher(Vocabulary vocabulary, Func<TokenType, bool> include, Func<int, TokenStrip> strips)
    {
        List<SpecialToken> tokens = [];
        for (int id = 0; id < vocabulary.Count; id++)
        {
            if (include(vocabulary.Type(id)) && vocabulary.Text(id).Length > 0)
            {
                tokens.Add(new SpecialToken(vocabulary.Text(id), id, strips(id)));
            }
        }
        _names = SearchValues.Create([.. tokens.Select(token => token.Name)], StringComparison.Ordinal);
        _byFirst = tokens.OrderByDescending(token => token.Name.Length).ToLookup(token => token.Name[0]);
    }

    /// <summary>Finds the first name.</summary>
    /// <param name="text">Where to look.</param>
    /// <param name="token">The token found.</param>
    /// <returns>Where it begins, or -1.</returns>
    public int Find(ReadOnlySpan<char> text, out SpecialToken token)
    {
        int at = text.IndexOfAny(_names);
        if (at >= 0)
        {
            foreach (SpecialToken candidate in _byFirst[text[at]])
            {
                if (text[at..].StartsWith(candidate.Name, StringComparison.Ordinal))
                {
                    token = candidate;
                    return at;
                }
            }
        }
        token = default;
        return -1;
    }
}
