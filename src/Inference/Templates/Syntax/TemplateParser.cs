using Winnow.Inference.Templates.Nodes;

namespace Winnow.Inference.Templates.Syntax;

/// <summary>Parses a template's statements.</summary>
internal sealed class TemplateParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private TemplateParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    /// <summary>Parses a whole template.</summary>
    /// <exception cref="TemplateException">It is not well-formed, or uses what is not supported.</exception>
    public static Block Parse(string template)
    {
        TemplateParser parser = new(new TokenStream(Lexer.Tokenize(template)));
        Block block = parser.ParseUntil([]);
        return parser._tokens.Current.Kind == TokenKind.End ? block : throw parser._tokens.Unexpected("a statement");
    }

    // Stops before the name of the tag that ends the block; its '{%' is read.
    private Block ParseUntil(params string[] ends)
    {
        _tokens.Enter();
        List<Statement> statements = [];
        while (_tokens.Current.Kind != TokenKind.End)
        {
            Token token = _tokens.Read();
            if (token.Kind == TokenKind.Data)
            {
                statements.Add(new TextStatement(token.Line, token.Text));
            }
            else if (token.Kind == TokenKind.PrintBegin)
            {
                statements.Add(new PrintStatement(token.Line, _expressions.ParseWithCommas()));
                _tokens.Expect(TokenKind.PrintEnd, "'}}'");
            }
            else if (_tokens.Current.Kind == TokenKind.Name && ends.Contains(_tokens.Current.Text))
            {
                _tokens.Leave();
                return new Block(statements);
            }
            else
            {
                statements.Add(ParseStatement());
            }
        }
        _tokens.Leave();
        return ends.Length == 0
            ? new Block(statements)
            : throw _tokens.Unexpected(string.Join(" or ", ends.Select(end => $"'{end}'")));
    }

    private Statement ParseStatement()
    {
        Token name = _tokens.Expect(TokenKind.Name, "the name of a statement");
        return name.Text switch
        {
            "if" => ParseIf(name.Line),
            "for" => ParseFor(name.Line),
            "set" => ParseSet(name.Line),
            "macro" => ParseMacro(name.Line),
            "call" => ParseCall(name.Line),
            "filter" => ParseFilter(name.Line),
            "with" => ParseWith(name.Line),
            "generation" => new RegionStatement(name.Line, ParseBody("endgeneration")),
            "break" => ParseFlow(name, Flow.Break),
            "continue" => ParseFlow(name, Flow.Continue),
            "do" => throw new TemplateException(name.Line, "the statement 'do' is not supported"),
            "include" or "import" or "from" or "extends" or "block" => throw new TemplateException(name.Line, $"'{name.Text}' is refused: a chat template stands alone"),
            _ => throw new TemplateException(name.Line, $"there is no statement '{name.Text}' that could begin here"),
        };
    }

    private void EndTag() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");

    // The rest of an opening tag, the body, and the closing tag.
    private Block ParseBody(string end)
    {
        EndTag();
        Block body = ParseUntil(end);
        _tokens.Read();
        EndTag();
        return body;
    }

    private IfStatement ParseIf(int line)
    {
        List<(Expression, Block)> branches = [];
        Block? otherwise = null;
        string end;
        do
        {
            Expression condition = _expressions.ParseWithCommas();
            EndTag();
            branches.Add((condition, ParseUntil("elif", "else", "endif")));
            end = _tokens.Read().Text;
        }
        while (end == "elif");
        if (end == "else")
        {
            otherwise = ParseBody("endif");
        }
        else
        {
            EndTag();
        }
        return new IfStatement(line, branches, otherwise);
    }

    private ForStatement ParseFor(int line)
    {
        Expression target = _expressions.ParseTargets();
        if (!_tokens.SkipName("in"))
        {
            throw _tokens.Unexpected("'in'");
        }
        Expression source = _expressions.ParseWithCommas(allowConditional: false);
        Expression? condition = _tokens.SkipName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive"))
        {
            throw new TemplateException(line, "recursive loops are not supported");
        }
        EndTag();
        _loops++;
        Block body = ParseUntil("else", "endfor");
        _loops--;
        Block? otherwise = null;
        if (_tokens.Read().Text == "else")
        {
            otherwise = ParseBody("endfor");
        }
        else
        {
            EndTag();
        }
        return new ForStatement(line, target, source, condition, body, otherwise);
    }

    private Statement ParseSet(int line)
    {
        Expression target = _expressions.ParseTargets();
        if (_tokens.SkipOperator("="))
        {
            Expression value = _expressions.ParseWithCommas();
            EndTag();
            return new SetStatement(line, target, value);
        }
        IReadOnlyList<(string, ArgumentList)> filters = _expressions.ParseFilters();
        return new SetBlockStatement(line, target, filters, ParseBody("endset"));
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _tokens.Expect(TokenKind.Name, "the name of the macro").Text;
        return new MacroStatement(line, ParseMacroRest(name, ParseParameters(), "endmacro"));
    }

    private CallStatement ParseCall(int line)
    {
        IReadOnlyList<(string, Expression?)> parameters = _tokens.IsOperator("(") ? ParseParameters() : [];
        CallExpression call = _expressions.Parse() as CallExpression ?? throw new TemplateException(line, "'call' needs a call");
        return new CallStatement(line, call, ParseMacroRest("caller", parameters, "endcall"));
    }

    private Macro ParseMacroRest(string name, IReadOnlyList<(string Name, Expression? Default)> parameters, string end)
    {
        string[] special = ["varargs", "kwargs", "caller"];
        HashSet<string> outer = [.. special.Where(_expressions.NamesRead.Remove)];
        int loops = _loops;
        _loops = 0;
        Block body = ParseBody(end);
        _loops = loops;
        HashSet<string> used = [.. special.Where(_expressions.NamesRead.Remove).Where(used => !parameters.Any(parameter => parameter.Name == used))];
        _expressions.NamesRead.UnionWith(outer);
        return new Macro(name, parameters, used.Contains("varargs"), used.Contains("kwargs"), used.Contains("caller"), body);
    }

    private List<(string Name, Expression? Default)> ParseParameters()
    {
        List<(string Name, Expression? Default)> parameters = [];
        _tokens.ExpectOperator("(");
        while (!_tokens.SkipOperator(")"))
        {
            Token name = _tokens.Expect(TokenKind.Name, "the name of a parameter");
            if (parameters.Exists(parameter => parameter.Name == name.Text))
            {
                throw new TemplateException(name.Line, $"the parameter '{name.Text}' is there twice");
            }
            parameters.Add((name.Text, _tokens.SkipOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.IsOperator(")"))
            {
                _tokens.ExpectOperator(",");
            }
        }
        return parameters;
    }

    private FilterStatement ParseFilter(int line)
    {
        List<(string, ArgumentList)> filters = [_expressions.ParseFilter(), .. _expressions.ParseFilters()];
        return new FilterStatement(line, filters, ParseBody("endfilter"));
    }

    private WithStatement ParseWith(int line)
    {
        List<(Expression, Expression)> assignments = [];
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            Expression target = _expressions.ParseTargets();
            _tokens.ExpectOperator("=");
            assignments.Add((target, _expressions.Parse()));
            if (_tokens.Current.Kind != TokenKind.BlockEnd)
            {
                _tokens.ExpectOperator(",");
            }
        }
        return new WithStatement(line, assignments, ParseBody("endwith"));
    }

    private FlowStatement ParseFlow(Token name, Flow flow)
    {
        if (_loops == 0)
        {
            throw new TemplateException(name.Line, $"'{name.Text}' is outside of a loop");
        }
        EndTag();
        return new FlowStatement(name.Line, flow);
    }
}
