using System.Globalization;
using Winnow.Inference.Templates.Nodes;

namespace Winnow.Inference.Templates.Syntax;

/// <summary>Parses expressions, with Jinja2's precedence.</summary>
/// <param name="tokens">The template.</param>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly string[] Comparisons = ["==", "!=", "<", "<=", ">", ">="];
    private static readonly string[] NotAnArgument = ["else", "or", "and", "if", "in", "not", "is"];

    /// <summary>Names read so far, for macros to see whether theirs are.</summary>
    public HashSet<string> NamesRead { get; } = new(StringComparer.Ordinal);

    /// <summary>An expression; with commas a tuple.</summary>
    public Expression ParseWithCommas(bool allowConditional = true)
    {
        Expression first = allowConditional ? Parse() : ParseOr();
        if (!tokens.IsOperator(","))
        {
            return first;
        }
        List<Expression> items = [first];
        while (tokens.SkipOperator(","))
        {
            if (tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.PrintEnd || tokens.IsOperator(")") || tokens.IsOperator("="))
            {
                break;
            }
            items.Add(allowConditional ? Parse() : ParseOr());
        }
        return new ListLiteral(items, isTuple: true);
    }

    /// <summary>An expression without commas.</summary>
    public Expression Parse()
    {
        tokens.Enter();
        Expression value = ParseOr();
        while (tokens.SkipName("if"))
        {
            Expression condition = ParseOr();
            value = new ConditionalExpression(condition, value, tokens.SkipName("else") ? Parse() : null);
        }
        tokens.Leave();
        return value;
    }

    /// <summary>An expression without commas and without <c>if</c>.</summary>
    public Expression ParseOr()
    {
        Expression left = ParseAnd();
        for (int links = 0; tokens.SkipName("or"); links++)
        {
            tokens.CheckChain(links);
            left = new LogicalExpression(isAnd: false, left, ParseAnd());
        }
        return left;
    }

    /// <summary>A name or names with commas, to assign to.</summary>
    public Expression ParseTargets()
    {
        List<Expression> targets = [];
        do
        {
            targets.Add(ParseTarget());
        }
        while (tokens.SkipOperator(",") && (tokens.Current.Kind == TokenKind.Name || tokens.IsOperator("(")));
        return targets.Count == 1 ? targets[0] : new ListLiteral(targets, isTuple: true);
    }

    /// <summary>Filters, each with a <c>|</c> before it.</summary>
    public IReadOnlyList<(string Name, ArgumentList Arguments)> ParseFilters()
    {
        List<(string, ArgumentList)> filters = [];
        while (tokens.SkipOperator("|"))
        {
            filters.Add(ParseFilter());
        }
        return filters;
    }

    /// <summary>A filter's name and arguments.</summary>
    public (string Name, ArgumentList Arguments) ParseFilter()
    {
        Token name = tokens.Expect(TokenKind.Name, "the name of a filter");
        if (!Runtime.Filters.Exists(name.Text))
        {
            throw new TemplateException(name.Line, $"there is no filter '{name.Text}'");
        }
        return (name.Text, tokens.IsOperator("(") ? ParseArguments() : ArgumentList.None);
    }

    /// <summary>Arguments in parentheses.</summary>
    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        List<Expression> positional = [];
        List<(string, Expression)> named = [];
        Expression? extraPositional = null;
        Expression? extraNamed = null;
        while (!tokens.SkipOperator(")"))
        {
            if (tokens.SkipOperator("**"))
            {
                extraNamed = extraNamed is null ? Parse() : throw tokens.Unexpected("one '**' at most");
            }
            else if (tokens.SkipOperator("*"))
            {
                extraPositional = extraPositional is null ? Parse() : throw tokens.Unexpected("one '*' at most");
            }
            else if (tokens.Current.Kind == TokenKind.Name && tokens.Next is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = tokens.Read().Text;
                tokens.Read();
                named.Add((name, Parse()));
            }
            else if (named.Count > 0 || extraNamed is not null)
            {
                throw tokens.Unexpected("a named argument");
            }
            else
            {
                positional.Add(Parse());
            }
            if (!tokens.IsOperator(")"))
            {
                tokens.ExpectOperator(",");
            }
        }
        return new ArgumentList(positional, named, extraPositional, extraNamed);
    }

    private Expression ParseTarget()
    {
        if (tokens.SkipOperator("("))
        {
            Expression inner = ParseTargets();
            tokens.ExpectOperator(")");
            return inner;
        }
        Token name = tokens.Expect(TokenKind.Name, "a name to assign to");
        if (name.Text is "true" or "false" or "none" or "True" or "False" or "None" or "loop" or "in" or "not")
        {
            throw new TemplateException(name.Line, $"'{name.Text}' cannot be assigned to");
        }
        return tokens.SkipOperator(".")
            ? new AttributeExpression(new NameExpression(name.Text), tokens.Expect(TokenKind.Name, "the name of an attribute").Text)
            : new NameExpression(name.Text);
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        for (int links = 0; tokens.SkipName("and"); links++)
        {
            tokens.CheckChain(links);
            left = new LogicalExpression(isAnd: true, left, ParseNot());
        }
        return left;
    }

    private Expression ParseNot()
    {
        if (!tokens.SkipName("not"))
        {
            return ParseComparison();
        }
        tokens.Enter();
        NotExpression negated = new(ParseNot());
        tokens.Leave();
        return negated;
    }

    private Expression ParseComparison()
    {
        Expression first = ParseSum();
        List<(string, Expression)> rest = [];
        while (true)
        {
            if (tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(tokens.Current.Text))
            {
                rest.Add((tokens.Read().Text, ParseSum()));
            }
            else if (tokens.SkipName("in"))
            {
                rest.Add(("in", ParseSum()));
            }
            else if (tokens.IsName("not") && tokens.Next is { Kind: TokenKind.Name, Text: "in" })
            {
                tokens.Read();
                tokens.Read();
                rest.Add(("not in", ParseSum()));
            }
            else
            {
                return rest.Count == 0 ? first : new ComparisonExpression(first, rest);
            }
        }
    }

    private Expression ParseSum() => ParseLevel(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation() => ParseLevel(ParseProduct, "~");

    private Expression ParseProduct() => ParseLevel(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseLevel(() => ParseSigned(withFilters: true), "**");

    private Expression ParseLevel(Func<Expression> operand, params ReadOnlySpan<string> operations)
    {
        Expression left = operand();
        for (int links = 0; tokens.Current.Kind == TokenKind.Operator && operations.Contains(tokens.Current.Text); links++)
        {
            tokens.CheckChain(links);
            string operation = tokens.Read().Text;
            left = new BinaryExpression(operation, left, operand());
        }
        return left;
    }

    private Expression ParseSigned(bool withFilters)
    {
        Expression value;
        if (tokens.IsOperator("-") || tokens.IsOperator("+"))
        {
            tokens.Enter();
            value = new SignExpression(tokens.Read().Text == "-", ParseSigned(withFilters: false));
            tokens.Leave();
        }
        else
        {
            value = ParsePrimary();
        }
        value = ParsePostfix(value);
        return withFilters ? ParseFiltersAndTests(value) : value;
    }

    private Expression ParseFiltersAndTests(Expression value)
    {
        for (int links = 0; ; links++)
        {
            tokens.CheckChain(links);
            if (tokens.SkipOperator("|"))
            {
                (string name, ArgumentList arguments) = ParseFilter();
                value = new FilterExpression(value, name, arguments);
            }
            else if (tokens.SkipName("is"))
            {
                value = ParseTest(value);
            }
            else if (tokens.IsOperator("("))
            {
                value = new CallExpression(value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseTest(Expression value)
    {
        bool negated = tokens.SkipName("not");
        Token name = tokens.Expect(TokenKind.Name, "the name of a test");
        if (!Runtime.ValueTests.Exists(name.Text))
        {
            throw new TemplateException(name.Line, $"there is no test '{name.Text}'");
        }
        ArgumentList arguments = tokens.IsOperator("(") ? ParseArguments()
            : StartsArgument() ? new ArgumentList([ParsePostfix(ParsePrimary())], [])
            : ArgumentList.None;
        TestExpression test = new(value, name.Text, arguments);
        return negated ? new NotExpression(test) : test;
    }

    private bool StartsArgument() => tokens.Current.Kind switch
    {
        TokenKind.Name => !NotAnArgument.Contains(tokens.Current.Text),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        _ => false,
    };

    private Expression ParsePostfix(Expression value)
    {
        for (int links = 0; ; links++)
        {
            tokens.CheckChain(links);
            if (tokens.SkipOperator("."))
            {
                value = tokens.Current.Kind == TokenKind.Integer
                    ? new ItemExpression(value, ParseInteger())
                    : new AttributeExpression(value, tokens.Expect(TokenKind.Name, "the name of an attribute").Text);
            }
            else if (tokens.SkipOperator("["))
            {
                value = ParseSubscript(value);
            }
            else if (tokens.IsOperator("("))
            {
                value = new CallExpression(value, ParseArguments());
            }
            else
            {
                return value;
            }
        }
    }

    private Expression ParseSubscript(Expression value)
    {
        Expression? start = tokens.IsOperator(":") ? null : Parse();
        if (!tokens.IsOperator(":"))
        {
            tokens.ExpectOperator("]");
            return new ItemExpression(value, start!);
        }
        tokens.Read();
        Expression? stop = tokens.IsOperator(":") || tokens.IsOperator("]") ? null : Parse();
        Expression? step = tokens.SkipOperator(":") && !tokens.IsOperator("]") ? Parse() : null;
        tokens.ExpectOperator("]");
        return new SliceExpression(value, start, stop, step);
    }

    private Expression ParsePrimary()
    {
        Token token = tokens.Current;
        switch (token.Kind)
        {
            case TokenKind.Name:
                return ParseName();
            case TokenKind.String:
                return ParseStrings();
            case TokenKind.Integer:
                return ParseInteger();
            case TokenKind.Float:
                tokens.Read();
                return new Literal(double.Parse(token.Text, CultureInfo.InvariantCulture));
        }
        if (tokens.SkipOperator("("))
        {
            return ParseParentheses();
        }
        if (tokens.SkipOperator("["))
        {
            return ParseList();
        }
        return tokens.SkipOperator("{") ? ParseDict() : throw tokens.Unexpected("an expression");
    }

    private Expression ParseName()
    {
        Token name = tokens.Read();
        switch (name.Text)
        {
            case "true" or "True":
                return new Literal(true);
            case "false" or "False":
                return new Literal(false);
            case "none" or "None":
                return new Literal(null);
            case "if" or "else" or "in" or "is" or "and" or "or":
                throw new TemplateException(name.Line, $"found '{name.Text}', expected an expression");
            default:
                NamesRead.Add(name.Text);
                return new NameExpression(name.Text);
        }
    }

    private Literal ParseStrings()
    {
        string value = tokens.Read().Text;
        while (tokens.Current.Kind == TokenKind.String)
        {
            value += tokens.Read().Text;
        }
        return new Literal(value);
    }

    private Literal ParseInteger()
    {
        Token token = tokens.Read();
        return long.TryParse(token.Text, CultureInfo.InvariantCulture, out long value)
            ? new Literal(value)
            : throw new TemplateException(token.Line, $"the integer '{token.Text}' does not fit 64 bits");
    }

    private Expression ParseParentheses()
    {
        if (tokens.SkipOperator(")"))
        {
            return new ListLiteral([], isTuple: true);
        }
        Expression value = ParseWithCommas();
        tokens.ExpectOperator(")");
        return value;
    }

    private ListLiteral ParseList()
    {
        List<Expression> items = [];
        while (!tokens.SkipOperator("]"))
        {
            items.Add(Parse());
            if (!tokens.IsOperator("]"))
            {
                tokens.ExpectOperator(",");
            }
        }
        return new ListLiteral(items, isTuple: false);
    }

    private DictLiteral ParseDict()
    {
        List<(Expression, Expression)> entries = [];
        while (!tokens.SkipOperator("}"))
        {
            Expression key = Parse();
            tokens.ExpectOperator(":");
            entries.Add((key, Parse()));
            if (!tokens.IsOperator("}"))
            {
                tokens.ExpectOperator(",");
            }
        }
        return new DictLiteral(entries);
    }
}
