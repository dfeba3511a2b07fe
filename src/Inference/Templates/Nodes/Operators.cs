using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>An arithmetic operator or <c>~</c>.</summary>
internal sealed class BinaryExpression(string operation, Expression left, Expression right) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) =>
        Arithmetic.Apply(context.Budget, operation, left.Evaluate(context), right.Evaluate(context));
}

/// <summary>A sign before a number.</summary>
internal sealed class SignExpression(bool negative, Expression operand) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => Arithmetic.Sign(negative, operand.Evaluate(context));
}

/// <summary><c>not</c>.</summary>
internal sealed class NotExpression(Expression operand) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => !Truth.Of(operand.Evaluate(context));
}

/// <summary><c>and</c> and <c>or</c>: the first operand that settles it, or the last.</summary>
internal sealed class LogicalExpression(bool isAnd, Expression left, Expression right) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context)
    {
        object? value = left.Evaluate(context);
        return Truth.Of(value) == isAnd ? right.Evaluate(context) : value;
    }
}

/// <summary>One or more comparisons; <c>a &lt; b &lt; c</c> means <c>a &lt; b and b &lt; c</c>.</summary>
internal sealed class ComparisonExpression(Expression first, IReadOnlyList<(string Operation, Expression Operand)> rest) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context)
    {
        object? left = first.Evaluate(context);
        foreach ((string operation, Expression operand) in rest)
        {
            object? right = operand.Evaluate(context);
            if (!Holds(context.Budget, operation, left, right))
            {
                return false;
            }
            left = right;
        }
        return true;
    }

    private static bool Holds(RenderBudget budget, string operation, object? left, object? right) => operation switch
    {
        "==" => Comparison.AreEqual(budget, left, right),
        "!=" => !Comparison.AreEqual(budget, left, right),
        "in" => Comparison.Contains(budget, right, left),
        "not in" => !Comparison.Contains(budget, right, left),
        "<" => Comparison.Compare(budget, left, right) < 0,
        "<=" => Comparison.Compare(budget, left, right) <= 0,
        ">" => Comparison.Compare(budget, left, right) > 0,
        _ => Comparison.Compare(budget, left, right) >= 0,
    };
}

/// <summary><c>value if condition else other</c>.</summary>
internal sealed class ConditionalExpression(Expression condition, Expression value, Expression? other) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) =>
        Truth.Of(condition.Evaluate(context)) ? value.Evaluate(context) : other is null ? new Undefined("the other branch of 'if'") : other.Evaluate(context);
}
