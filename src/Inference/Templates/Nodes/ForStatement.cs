using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary><c>{% for %}</c>: every iteration has a scope of its own, as in Jinja2.</summary>
internal sealed class ForStatement(int line, Expression target, Expression source, Expression? condition, Block body, Block? otherwise) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        IReadOnlyList<object?> items = Selected(context, Iteration.Items(context.Budget, source.Evaluate(context)));
        if (items.Count == 0)
        {
            return otherwise?.Execute(context) ?? Flow.Next;
        }
        for (int index = 0; index < items.Count; index++)
        {
            Flow flow = Flow.Next;
            Scope scope = Bound(context, items[index]);
            scope.Set("loop", new LoopState(items, index));
            context.InScope(scope, () => flow = body.Execute(context));
            if (flow == Flow.Break)
            {
                break;
            }
        }
        return Flow.Next;
    }

    private IReadOnlyList<object?> Selected(RenderContext context, IReadOnlyList<object?> items)
    {
        if (condition is null)
        {
            return items;
        }
        List<object?> selected = [];
        foreach (object? item in items)
        {
            context.InScope(Bound(context, item), () =>
            {
                if (Truth.Of(condition.Evaluate(context)))
                {
                    selected.Add(item);
                }
            });
        }
        return selected;
    }

    private Scope Bound(RenderContext context, object? item)
    {
        Scope scope = new(context.Scope);
        Assignment.Assign(scope, target, item, context.Budget);
        return scope;
    }
}
