namespace Winnow.Inference.Grammar;

/// <summary>
/// Reads the regular part of regular expressions; the whole text must match. What is not regular, or depends on a culture, is refused by name (docs/structured-outputs.md).
/// </summary>
internal sealed class RegexReader
{
    private static readonly CodePointSet Digits = new(('0', '9'));
    private static readonly CodePointSet WordCharacters = new(('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z'));
    private static readonly CodePointSet Spaces = new(('\t', '\r'), (' ', ' '));
    private static readonly CodePointSet AnyButNewline = new CodePointSet(('\n', '\n')).Complement();

    private readonly PatternCursor _cursor;
    private int _depth;

    private RegexReader(string pattern) => _cursor = new PatternCursor(pattern, "regular expression");

    /// <summary>Reads a pattern.</summary>
    /// <exception cref="GrammarException">It is not well-formed, or uses what is not supported.</exception>
    public static GrammarNode Read(string pattern)
    {
        RegexReader reader = new(pattern);
        // The whole text matches anyway.
        reader._cursor.Takes("^");
        GrammarNode node = reader.ReadAlternatives();
        return reader._cursor.IsDone ? node : throw reader._cursor.Error("has a ')' without '('");
    }

    private GrammarNode ReadAlternatives()
    {
        List<GrammarNode> alternatives = [ReadSequence()];
        while (_cursor.Takes("|"))
        {
            alternatives.Add(ReadSequence());
        }
        return alternatives.Count == 1 ? alternatives[0] : new GrammarNode.Choice(alternatives);
    }

    private GrammarNode ReadSequence()
    {
        List<GrammarNode> parts = [];
        while (!_cursor.IsDone && _cursor.Peek is not ('|' or ')'))
        {
            if (_depth == 0 && _cursor.Takes("$"))
            {
                return _cursor.IsDone ? new GrammarNode.Sequence(parts) : throw _cursor.Error("has '$' before its end, which is not supported");
            }
            GrammarNode part = ReadAtom();
            GrammarNode repeated = _cursor.TakeRepeat(part);
            if (repeated != part)
            {
                // A lazy repetition matches the same texts.
                _cursor.Takes("?");
                if (_cursor.Peek is '*' or '+' or '?' or '{')
                {
                    throw _cursor.Error("repeats a repetition (possessive ones are not supported)");
                }
            }
            parts.Add(repeated);
        }
        return parts.Count == 1 ? parts[0] : new GrammarNode.Sequence(parts);
    }

    private GrammarNode ReadAtom()
    {
        switch (_cursor.Peek)
        {
            case '(':
                return ReadGroup();
            case '[':
                _cursor.Require("[");
                return new GrammarNode.OneOf(ReadClass());
            case '.':
                _cursor.Require(".");
                return new GrammarNode.OneOf(AnyButNewline);
            case '\\':
                _cursor.Require("\\");
                return new GrammarNode.OneOf(ReadEscape());
            case '^' or '$':
                throw _cursor.Error($"has the anchor '{_cursor.Peek}' inside, which is not supported");
            case '*' or '+' or '?' or '{':
                throw _cursor.Error($"has '{_cursor.Peek}' with nothing to repeat");
            default:
                int value = _cursor.TakeCodePoint();
                return new GrammarNode.OneOf(new CodePointSet((value, value)));
        }
    }

    private GrammarNode ReadGroup()
    {
        _cursor.Require("(");
        if (_cursor.Sees("?") && !_cursor.Takes("?:"))
        {
            throw _cursor.Error("has a group with '(?': look-around, named groups and flags are not supported; use '(...)' or '(?:...)'");
        }
        if (++_depth > PatternCursor.MostGroups)
        {
            throw _cursor.Error($"nests groups deeper than {PatternCursor.MostGroups}");
        }
        GrammarNode node = ReadAlternatives();
        _cursor.Require(")");
        _depth--;
        return node;
    }

    private CodePointSet ReadEscape()
    {
        switch (_cursor.Peek)
        {
            case 'd' when _cursor.Takes("d"):
                return Digits;
            case 'D' when _cursor.Takes("D"):
                return Digits.Complement();
            case 'w' when _cursor.Takes("w"):
                return WordCharacters;
            case 'W' when _cursor.Takes("W"):
                return WordCharacters.Complement();
            case 's' when _cursor.Takes("s"):
                return Spaces;
            case 'S' when _cursor.Takes("S"):
                return Spaces.Complement();
            default:
                int value = ReadEscapedCharacter();
                return new CodePointSet((value, value));
        }
    }

    private int ReadEscapedCharacter()
    {
        char next = _cursor.Peek;
        if (char.IsAsciiLetterOrDigit(next))
        {
            _cursor.Require(next.ToString());
            return next switch
            {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'f' => '\f',
                'v' => '\v',
                'x' => _cursor.TakeHex(2),
                'u' => _cursor.TakeHex(4),
                _ => throw _cursor.Error($"has the escape '\\{next}', which is not supported"),
            };
        }
        return _cursor.TakeCodePoint();
    }

    private CodePointSet ReadClass()
    {
        bool isNegated = _cursor.Takes("^");
        CodePointSet set = new();
        bool isFirst = true;
        while (isFirst || _cursor.Peek != ']')
        {
            isFirst = false;
            if (_cursor.Sees("[:") || _cursor.Sees("&&") || _cursor.Sees("--"))
            {
                throw _cursor.Error("has a class with '[:', '&&' or '--', which are not supported");
            }
            AddRange(set);
        }
        _cursor.Require("]");
        set = isNegated ? set.Complement() : set;
        return set.Ranges.Count > 0 ? set : throw _cursor.Error("has a class that nothing is in");
    }

    private void AddRange(CodePointSet set)
    {
        CodePointSet first = ReadMember();
        bool isOne = first.Ranges is [var only] && only.First == only.Last;
        if (!isOne || !_cursor.Sees("-") || _cursor.Sees("-]"))
        {
            set.Add(first);
            return;
        }
        _cursor.Require("-");
        CodePointSet last = ReadMember();
        if (last.Ranges is not [var end] || end.First != end.Last || end.First < first.Ranges[0].First)
        {
            throw _cursor.Error("has a range whose ends are not in order");
        }
        set.Add(first.Ranges[0].First, end.First);
    }

    private CodePointSet ReadMember()
    {
        if (_cursor.Takes("\\"))
        {
            // In a class \b is a backspace; outside it is an anchor, which is refused.
            return _cursor.Takes("b") ? new CodePointSet(('\b', '\b')) : ReadEscape();
        }
        int value = _cursor.TakeCodePoint();
        return new CodePointSet((value, value));
    }
}
