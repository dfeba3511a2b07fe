using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>A variable.</summary>
internal sealed class NameExpression(string name) : Expression
{
    /// <summary>Its name.</summary>
    public string Name => name;

    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => context.Scope.Get(name);
}

/// <summary><c>target.name</c>.</summary>
internal sealed class AttributeExpression(Expression target, string name) : Expression
{
    /// <summary>What is left of the dot.</summary>
    public Expression Target => target;

    /// <summary>What is right of the dot.</summary>
    public string Name => name;

    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => Members.GetAttribute(target.Evaluate(context), name);
}

/// <summary><c>target[key]</c>.</summary>
internal sealed class ItemExpression(Expression target, Expression key) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context)
    {
        object? value = target.Evaluate(context);
        context.Budget.StepText((value as string)?.Length ?? 0);
        return Members.GetItem(value, key.Evaluate(context));
    }
}

/// <summary><c>target[start:stop:step]</c>.</summary>
internal sealed class SliceExpression(Expression target, Expression? start, Expression? stop, Expression? step) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) =>
        Iteration.Slice(context.Budget, target.Evaluate(context), Index(context, start), Index(context, stop), Index(context, step));

    private static long? Index(RenderContext context, Expression? expression) => expression?.Evaluate(context) switch
    {
        null => null,
        long index => index,
        bool flag => Numbers.ToInteger(flag),
        object other => throw new EvaluationException($"a slice needs integers, found {TypeNames.Of(other)}"),
    };
}
