namespace Winnow.Inference.Templates.Syntax;

/// <summary>Tokens with one token of look-ahead beyond the current one, and the nesting limit of the parsers.</summary>
internal sealed class TokenStream(List<Token> tokens)
{
    // The parsers and the evaluator recurse with the template's nesting; templates of public models stay under 20.
    private const int MaxNesting = 100;
    private const int MaxChain = 1000;

    private int _at;
    private int _nesting;

    /// <summary>The token to read next.</summary>
    public Token Current => tokens[_at];

    /// <summary>The token after it.</summary>
    public Token Next => tokens[Math.Min(_at + 1, tokens.Count - 1)];

    /// <summary>Reads a token.</summary>
    public Token Read()
    {
        Token token = Current;
        if (token.Kind != TokenKind.End)
        {
            _at++;
        }
        return token;
    }

    /// <summary>Whether the current token is that operator.</summary>
    public bool IsOperator(string text) => Current.Kind == TokenKind.Operator && Current.Text == text;

    /// <summary>Whether the current token is that keyword.</summary>
    public bool IsName(string text) => Current.Kind == TokenKind.Name && Current.Text == text;

    /// <summary>Reads that operator if it is there.</summary>
    public bool SkipOperator(string text)
    {
        bool there = IsOperator(text);
        _at += there ? 1 : 0;
        return there;
    }

    /// <summary>Reads that keyword if it is there.</summary>
    public bool SkipName(string text)
    {
        bool there = IsName(text);
        _at += there ? 1 : 0;
        return there;
    }

    /// <summary>Reads a token of that kind.</summary>
    /// <exception cref="TemplateException">Another one is there.</exception>
    public Token Expect(TokenKind kind, string expected) => Current.Kind == kind ? Read() : throw Unexpected(expected);

    /// <summary>Reads that operator.</summary>
    /// <exception cref="TemplateException">Something else is there.</exception>
    public void ExpectOperator(string text)
    {
        if (!SkipOperator(text))
        {
            throw Unexpected($"'{text}'");
        }
    }

    /// <summary>The exception for a token that does not belong here.</summary>
    public TemplateException Unexpected(string expected) => new(Current.Line, $"found {Current}, expected {expected}");

    /// <summary>Counts a level of nesting; <see cref="Leave"/> ends it.</summary>
    /// <exception cref="TemplateException">There are too many.</exception>
    public void Enter()
    {
        if (++_nesting > MaxNesting)
        {
            throw new TemplateException(Current.Line, $"nested deeper than {MaxNesting} levels");
        }
    }

    /// <summary>Refuses too many operators, filters or members in a row: each is a level of nesting to the evaluator.</summary>
    /// <exception cref="TemplateException">There are too many.</exception>
    public void CheckChain(int links)
    {
        if (links > MaxChain)
        {
            throw new TemplateException(Current.Line, $"more than {MaxChain} operators, filters or members in a row");
        }
    }

    /// <summary>Ends a level of nesting.</summary>
    public void Leave() => _nesting--;
}
