using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>The arguments of a call, filter or test as written.</summary>
/// <param name="Positional">Arguments by position.</param>
/// <param name="Named">Arguments by name.</param>
/// <param name="ExtraPositional">What <c>*</c> unpacks.</param>
/// <param name="ExtraNamed">What <c>**</c> unpacks.</param>
internal sealed record ArgumentList(
    IReadOnlyList<Expression> Positional,
    IReadOnlyList<(string Name, Expression Value)> Named,
    Expression? ExtraPositional = null,
    Expression? ExtraNamed = null)
{
    /// <summary>No arguments.</summary>
    public static ArgumentList None { get; } = new([], []);

    /// <summary>Evaluates the arguments.</summary>
    /// <exception cref="EvaluationException">A name is given twice, or what is unpacked has no elements.</exception>
    public CallArguments Evaluate(RenderContext context)
    {
        List<object?> positional = [.. Positional.Select(argument => argument.Evaluate(context))];
        if (ExtraPositional is not null)
        {
            positional.AddRange(Iteration.Items(context.Budget, ExtraPositional.Evaluate(context)));
        }
        Dictionary<string, object?> named = new(StringComparer.Ordinal);
        foreach ((string name, Expression value) in Named)
        {
            AddNamed(named, name, value.Evaluate(context));
        }
        if (ExtraNamed is not null)
        {
            object? extra = ExtraNamed.Evaluate(context);
            foreach ((object key, object? value) in (extra as JinjaDict ?? throw new EvaluationException($"'**' needs a dict, found {TypeNames.Of(extra)}")).Entries)
            {
                AddNamed(named, key as string ?? throw new EvaluationException("'**' needs a dict with strings as keys"), value);
            }
        }
        return new CallArguments(positional, named);
    }

    private static void AddNamed(Dictionary<string, object?> named, string name, object? value)
    {
        if (!named.TryAdd(name, value))
        {
            throw new EvaluationException($"the argument '{name}' is given twice");
        }
    }
}

/// <summary>A call of a function, method or macro.</summary>
internal sealed class CallExpression(Expression callee, ArgumentList arguments) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => Call(context, []);

    /// <summary>Calls with more named arguments than are written.</summary>
    public object? Call(RenderContext context, IEnumerable<KeyValuePair<string, object?>> more)
    {
        object? function = callee.Evaluate(context);
        CallArguments values = arguments.Evaluate(context);
        if (more.Any())
        {
            values = values with { Named = values.Named.Concat(more).ToDictionary(StringComparer.Ordinal) };
        }
        return function switch
        {
            JinjaFunction callable => callable.Call(context, values),
            Undefined undefined => throw undefined.Error(),
            _ => throw new EvaluationException($"{TypeNames.Of(function)} cannot be called"),
        };
    }
}

/// <summary><c>value | name(arguments)</c>.</summary>
internal sealed class FilterExpression(Expression operand, string name, ArgumentList arguments) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) =>
        Filters.Apply(context, name, operand.Evaluate(context), arguments.Evaluate(context));
}

/// <summary><c>value is name(arguments)</c>.</summary>
internal sealed class TestExpression(Expression operand, string name, ArgumentList arguments) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) =>
        ValueTests.Apply(context, name, operand.Evaluate(context), arguments.Evaluate(context));
}
