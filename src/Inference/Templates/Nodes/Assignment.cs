using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary><c>{% set target = value %}</c>.</summary>
internal sealed class SetStatement(int line, Expression target, Expression value) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        Assignment.Assign(context.Scope, target, value.Evaluate(context), context.Budget, context);
        return Flow.Next;
    }
}

/// <summary><c>{% set target %}…{% endset %}</c>: the target becomes the text inside, filtered.</summary>
internal sealed class SetBlockStatement(int line, Expression target, IReadOnlyList<(string Name, ArgumentList Arguments)> filters, Block body) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        object? value = Assignment.CaptureInScope(context, body);
        foreach ((string name, ArgumentList arguments) in filters)
        {
            value = Filters.Apply(context, name, value, arguments.Evaluate(context));
        }
        Assignment.Assign(context.Scope, target, value, context.Budget, context);
        return Flow.Next;
    }
}

/// <summary>Assigning to names, tuples of names and attributes of namespaces.</summary>
internal static class Assignment
{
    /// <summary>Assigns a value.</summary>
    /// <param name="scope">Where names are set.</param>
    /// <param name="target">A name, a tuple of targets or an attribute.</param>
    /// <param name="value">The value.</param>
    /// <param name="budget">The budget of the rendering.</param>
    /// <param name="context">Where a namespace is looked up; null where attributes are no targets.</param>
    /// <exception cref="EvaluationException">The value does not unpack into the target, or the target is no namespace.</exception>
    public static void Assign(Scope scope, Expression target, object? value, RenderBudget budget, RenderContext? context = null)
    {
        switch (target)
        {
            case NameExpression name:
                scope.Set(name.Name, value);
                break;
            case AttributeExpression attribute when context is not null:
                object? space = attribute.Target.Evaluate(context);
                (space as JinjaNamespace ?? throw new EvaluationException($"only a namespace's attributes can be set, not those of {TypeNames.Of(space)}"))
                    .Attributes[attribute.Name] = value;
                break;
            case ListLiteral targets:
                IReadOnlyList<object?> items = Iteration.Items(budget, value);
                if (items.Count != targets.Items.Count)
                {
                    throw new EvaluationException($"{items.Count} values cannot be assigned to {targets.Items.Count} names");
                }
                for (int i = 0; i < items.Count; i++)
                {
                    Assign(scope, targets.Items[i], items[i], budget, context);
                }
                break;
            default:
                throw new EvaluationException("only names and a namespace's attributes can be assigned to");
        }
    }

    /// <summary>Runs a block in a scope of its own and answers with what it wrote.</summary>
    public static string CaptureInScope(RenderContext context, Block body) =>
        context.Capture(() => context.InScope(new Scope(context.Scope), () => body.Execute(context)));
}
