namespace Winnow.Inference.Templates.Syntax;

/// <summary>
/// Cuts a template into tokens, with whitespace control as transformers sets it: the first newline after a block or comment tag and
/// the blanks before one at the start of a line are dropped (<c>trim_blocks</c>, <c>lstrip_blocks</c>), as is the template's last newline.
/// </summary>
internal sealed class Lexer
{
    private static readonly string[] Operators =
        ["//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{", "}", ">", "<", "=", ".", ":", "|", ","];

    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private readonly Stack<char> _brackets = new();
    private int _at;
    private int _line = 1;
    private bool _atLineStart = true;

    private Lexer(string source) => _source = source;

    /// <summary>Tokens of a template, the last of them <see cref="TokenKind.End"/>.</summary>
    /// <exception cref="TemplateException">A tag, string or comment is not closed, or a character has no meaning.</exception>
    public static List<Token> Tokenize(string template)
    {
        string source = template.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        Lexer lexer = new(source.EndsWith('\n') ? source[..^1] : source);
        while (lexer._at < lexer._source.Length)
        {
            lexer.ReadTextAndTag();
        }
        lexer.Add(TokenKind.End, "");
        return lexer._tokens;
    }

    private void ReadTextAndTag()
    {
        int tag = FindTag(_at);
        bool isPrint = tag >= 0 && _source[tag + 1] == '{';
        char sign = tag >= 0 && tag + 2 < _source.Length ? _source[tag + 2] : '\0';
        string text = tag < 0 ? _source[_at..] : _source[_at..tag];
        AddText(sign == '-' ? text.TrimEnd() : sign == '+' || isPrint || tag < 0 ? text : WithoutBlanksBeforeTag(text));
        _line += text.Count(character => character == '\n');
        _at = tag < 0 ? _source.Length : tag + 2 + (sign is '-' or '+' ? 1 : 0);
        if (tag < 0)
        {
            return;
        }
        if (_source[tag + 1] == '#')
        {
            SkipComment();
        }
        else if (isPrint)
        {
            ReadTag(TokenKind.PrintBegin, "{{", TokenKind.PrintEnd, "}}");
        }
        else if (!TryReadRaw())
        {
            ReadTag(TokenKind.BlockBegin, "{%", TokenKind.BlockEnd, "%}");
        }
    }

    private int FindTag(int from)
    {
        for (int at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#')
            {
                return at;
            }
        }
        return -1;
    }

    private string WithoutBlanksBeforeTag(string text)
    {
        int lineStart = text.LastIndexOf('\n') + 1;
        return (lineStart > 0 || _atLineStart) && string.IsNullOrWhiteSpace(text[lineStart..]) ? text[..lineStart] : text;
    }

    private void AddText(string text)
    {
        if (text.Length > 0)
        {
            Add(TokenKind.Data, text);
        }
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _at, StringComparison.Ordinal);
        if (end < 0)
        {
            throw new TemplateException(_line, "a comment is not closed with '#}'");
        }
        Advance(end - _at);
        char sign = _source[end - 1];
        _at += 2;
        SkipAfterTag(sign, trimsNewline: true);
    }

    private bool TryReadRaw()
    {
        int name = SkipWhiteSpace(_at);
        if (!IsWordAt(name, "raw"))
        {
            return false;
        }
        int close = SkipWhiteSpace(name + "raw".Length);
        bool strips = close < _source.Length && _source[close] == '-';
        close += strips ? 1 : 0;
        if (!IsAt(close, "%}"))
        {
            return false;
        }
        Advance(close + 2 - _at);
        if (strips)
        {
            Advance(SkipWhiteSpace(_at) - _at);
        }
        for (int tag = _source.IndexOf("{%", _at, StringComparison.Ordinal); tag >= 0; tag = _source.IndexOf("{%", tag + 2, StringComparison.Ordinal))
        {
            if (TryReadRawEnd(tag))
            {
                return true;
            }
        }
        throw new TemplateException(_line, "'raw' is not closed with 'endraw'");
    }

    private bool TryReadRawEnd(int tag)
    {
        char openSign = tag + 2 < _source.Length ? _source[tag + 2] : '\0';
        int name = SkipWhiteSpace(tag + 2 + (openSign is '-' or '+' ? 1 : 0));
        int close = IsWordAt(name, "endraw") ? SkipWhiteSpace(name + "endraw".Length) : _source.Length;
        char closeSign = close < _source.Length ? _source[close] : '\0';
        close += closeSign is '-' or '+' ? 1 : 0;
        if (!IsAt(close, "%}"))
        {
            return false;
        }
        string text = _source[_at..tag];
        AddText(openSign == '-' ? text.TrimEnd() : openSign == '+' ? text : WithoutBlanksBeforeTag(text));
        Advance(close + 2 - _at);
        SkipAfterTag(closeSign, trimsNewline: true);
        return true;
    }

    private void ReadTag(TokenKind begin, string beginText, TokenKind end, string endText)
    {
        int beginLine = _line;
        Add(begin, beginText);
        _brackets.Clear();
        while (true)
        {
            Advance(SkipWhiteSpace(_at) - _at);
            if (_at >= _source.Length)
            {
                throw new TemplateException(beginLine, $"'{beginText}' is not closed with '{endText}'");
            }
            char sign = _source[_at];
            int signed = sign is '-' or '+' && IsAt(_at + 1, endText) ? 1 : 0;
            if (_brackets.Count == 0 && IsAt(_at + signed, endText))
            {
                Add(end, endText);
                _at += signed + endText.Length;
                SkipAfterTag(signed == 1 ? sign : '\0', trimsNewline: end == TokenKind.BlockEnd);
                return;
            }
            ReadToken();
        }
    }

    private void SkipAfterTag(char sign, bool trimsNewline)
    {
        int start = _at;
        if (sign == '-')
        {
            Advance(SkipWhiteSpace(_at) - _at);
        }
        else if (trimsNewline && sign != '+' && IsAt(_at, "\n"))
        {
            Advance(1);
        }
        _atLineStart = _at > start && _source[_at - 1] == '\n';
    }

    private void ReadToken()
    {
        char first = _source[_at];
        if (first is '"' or '\'')
        {
            ReadString(first);
        }
        else if (char.IsAsciiDigit(first))
        {
            ReadNumber();
        }
        else if (char.IsLetter(first) || first == '_')
        {
            int end = _at;
            while (end < _source.Length && (char.IsLetterOrDigit(_source[end]) || _source[end] == '_'))
            {
                end++;
            }
            Add(TokenKind.Name, _source[_at..end]);
            _at = end;
        }
        else
        {
            ReadOperator();
        }
    }

    private void ReadOperator()
    {
        string text = Operators.FirstOrDefault(text => IsAt(_at, text))
            ?? throw new TemplateException(_line, $"the character '{_source[_at]}' has no meaning here");
        if (text is "(" or "[" or "{")
        {
            _brackets.Push(text[0]);
        }
        else if (text is ")" or "]" or "}" && (!_brackets.TryPop(out char open) || (open, text[0]) is not (('(', ')') or ('[', ']') or ('{', '}'))))
        {
            throw new TemplateException(_line, $"'{text}' closes nothing that is open");
        }
        Add(TokenKind.Operator, text);
        _at += text.Length;
    }

    private void ReadNumber()
    {
        bool afterDot = _tokens[^1] is { Kind: TokenKind.Operator, Text: "." };
        int end = SkipDigits(_at);
        TokenKind kind = TokenKind.Integer;
        if (!afterDot && end + 1 < _source.Length && _source[end] == '.' && char.IsAsciiDigit(_source[end + 1]))
        {
            end = SkipDigits(end + 1);
            kind = TokenKind.Float;
        }
        if (!afterDot && end < _source.Length && _source[end] is 'e' or 'E')
        {
            int exponent = end + 1 + (end + 1 < _source.Length && _source[end + 1] is '+' or '-' ? 1 : 0);
            if (exponent < _source.Length && char.IsAsciiDigit(_source[exponent]))
            {
                end = SkipDigits(exponent);
                kind = TokenKind.Float;
            }
        }
        Add(kind, _source[_at..end].Replace("_", "", StringComparison.Ordinal));
        _at = end;
    }

    private int SkipDigits(int at)
    {
        while (at < _source.Length && (char.IsAsciiDigit(_source[at]) || _source[at] == '_'))
        {
            at++;
        }
        return at;
    }

    private void ReadString(char quote)
    {
        int end = _at + 1;
        while (end < _source.Length && _source[end] != quote)
        {
            end += _source[end] == '\\' ? 2 : 1;
        }
        if (end >= _source.Length)
        {
            throw new TemplateException(_line, "a string is not closed");
        }
        Add(TokenKind.String, StringEscapes.Resolve(_source.AsSpan(_at + 1, end - _at - 1), _line));
        Advance(end + 1 - _at);
    }

    private void Add(TokenKind kind, string text) => _tokens.Add(new Token(kind, text, _line));

    private void Advance(int length)
    {
        _line += _source.AsSpan(_at, length).Count('\n');
        _at += length;
    }

    private int SkipWhiteSpace(int at)
    {
        while (at < _source.Length && char.IsWhiteSpace(_source[at]))
        {
            at++;
        }
        return at;
    }

    private bool IsAt(int at, string text) => string.CompareOrdinal(_source, at, text, 0, text.Length) == 0 && at <= _source.Length - text.Length;

    private bool IsWordAt(int at, string word) =>
        IsAt(at, word) && (at + word.Length == _source.Length || !(char.IsLetterOrDigit(_source[at + word.Length]) || _source[at + word.Length] == '_'));
}
