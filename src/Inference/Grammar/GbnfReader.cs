namespace Winnow.Inference.Grammar;

/// <summary>Reads llama.cpp's GBNF: rules of the form <c>name ::= ...</c>, of which <c>root</c> is the whole text.</summary>
internal sealed class GbnfReader
{
    private const string Assigns = "::=";

    private readonly PatternCursor _cursor;
    private readonly GrammarRules _rules = new();
    private readonly Dictionary<string, GrammarNode.Rule> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> _defined = new(StringComparer.Ordinal);
    private int _depth;

    private GbnfReader(string text) => _cursor = new PatternCursor(text, "GBNF grammar");

    /// <summary>Reads a grammar.</summary>
    /// <exception cref="GrammarException">It is not well-formed, or has no rule <c>root</c>.</exception>
    public static GrammarRules Read(string text)
    {
        GbnfReader reader = new(text);
        reader.SkipSpace(overLines: true);
        while (!reader._cursor.IsDone)
        {
            reader.ReadRule();
        }
        if (!reader._defined.Contains("root"))
        {
            throw new GrammarException("The GBNF grammar has no rule 'root'; define it as 'root ::= ...'.");
        }
        reader._rules.Root = reader._byName["root"].Index;
        return reader._rules;
    }

    private void ReadRule()
    {
        string name = TakeName();
        SkipSpace(overLines: false);
        _cursor.Require(Assigns);
        SkipSpace(overLines: true);
        if (!_defined.Add(name))
        {
            throw _cursor.Error($"defines the rule '{name}' twice");
        }
        _rules.Define(RuleOf(name), ReadAlternatives(overLines: false));
        if (!_cursor.IsDone && _cursor.Peek is not ('\n' or '\r'))
        {
            throw _cursor.Error($"has '{_cursor.Peek}' where a rule should end");
        }
        SkipSpace(overLines: true);
    }

    private GrammarNode ReadAlternatives(bool overLines)
    {
        List<GrammarNode> alternatives = [ReadSequence(overLines)];
        while (_cursor.Takes("|"))
        {
            SkipSpace(overLines: true);
            alternatives.Add(ReadSequence(overLines));
        }
        return alternatives.Count == 1 ? alternatives[0] : new GrammarNode.Choice(alternatives);
    }

    private GrammarNode ReadSequence(bool overLines)
    {
        List<GrammarNode> parts = [];
        while (ReadAtom() is { } atom)
        {
            GrammarNode repeated = _cursor.TakeRepeat(atom);
            SkipSpace(overLines);
            parts.Add(repeated);
        }
        return parts.Count == 1 ? parts[0] : new GrammarNode.Sequence(parts);
    }

    private GrammarNode? ReadAtom()
    {
        switch (_cursor.Peek)
        {
            case '"':
                return ReadLiteral();
            case '[':
                return new GrammarNode.OneOf(ReadClass());
            case '.':
                _cursor.Require(".");
                return new GrammarNode.OneOf(new CodePointSet().Complement());
            case '(':
                return ReadGroup();
            case '<' or '!':
                throw _cursor.Error("names tokens, which is not supported; write their text");
            default:
                return IsNamePart(_cursor.Peek) ? RuleOf(TakeName()) : null;
        }
    }

    private GrammarNode ReadGroup()
    {
        _cursor.Require("(");
        if (++_depth > PatternCursor.MostGroups)
        {
            throw _cursor.Error($"nests groups deeper than {PatternCursor.MostGroups}");
        }
        SkipSpace(overLines: true);
        GrammarNode node = ReadAlternatives(overLines: true);
        _cursor.Require(")");
        _depth--;
        return node;
    }

    private GrammarNode ReadLiteral()
    {
        _cursor.Require("\"");
        List<GrammarNode> characters = [];
        while (!_cursor.Takes("\""))
        {
            characters.Add(GrammarNode.Of(char.ConvertFromUtf32(TakeCharacter())));
        }
        return new GrammarNode.Sequence(characters);
    }

    private CodePointSet ReadClass()
    {
        _cursor.Require("[");
        bool isNegated = _cursor.Takes("^");
        CodePointSet set = new();
        while (!_cursor.Takes("]"))
        {
            int first = TakeCharacter();
            int last = first;
            if (_cursor.Sees("-") && !_cursor.Sees("-]"))
            {
                _cursor.Require("-");
                last = TakeCharacter();
            }
            if (last < first)
            {
                throw _cursor.Error("has a range whose ends are not in order");
            }
            set.Add(first, last);
        }
        set = isNegated ? set.Complement() : set;
        return set.Ranges.Count > 0 ? set : throw _cursor.Error("has a class that nothing is in");
    }

    private int TakeCharacter()
    {
        if (!_cursor.Takes("\\"))
        {
            return _cursor.TakeCodePoint();
        }
        int value = _cursor.TakeCodePoint();
        return value switch
        {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'x' => _cursor.TakeHex(2),
            'u' => _cursor.TakeHex(4),
            'U' => _cursor.TakeHex(8),
            '"' or '\\' or '[' or ']' or '-' or '^' => value,
            _ => throw _cursor.Error($"has the escape '\\{char.ConvertFromUtf32(value)}', which is not supported"),
        };
    }

    private GrammarNode.Rule RuleOf(string name)
    {
        if (!_byName.TryGetValue(name, out GrammarNode.Rule? rule))
        {
            rule = _rules.Declare(name);
            _byName.Add(name, rule);
        }
        return rule;
    }

    private string TakeName()
    {
        string name = _cursor.TakeWhile(IsNamePart);
        return name.Length > 0 ? name : throw _cursor.Error("needs the name of a rule");
    }

    // A comment goes to the end of its line.
    private void SkipSpace(bool overLines)
    {
        bool skips = true;
        while (skips)
        {
            skips = _cursor.TakeWhile(c => c is ' ' or '\t' || (overLines && c is '\n' or '\r')).Length > 0;
            skips |= _cursor.Peek == '#' && _cursor.TakeWhile(c => c is not ('\n' or '\r')).Length > 0;
        }
    }

    private static bool IsNamePart(char c) => char.IsAsciiLetterOrDigit(c) || c is '-' or '_';
}
