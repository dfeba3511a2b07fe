using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary><c>{% if %}</c> with its branches.</summary>
internal sealed class IfStatement(int line, IReadOnlyList<(Expression Condition, Block Body)> branches, Block? otherwise) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        foreach ((Expression condition, Block body) in branches)
        {
            if (Truth.Of(condition.Evaluate(context)))
            {
                return body.Execute(context);
            }
        }
        return otherwise?.Execute(context) ?? Flow.Next;
    }
}

/// <summary><c>{% break %}</c> and <c>{% continue %}</c>.</summary>
internal sealed class FlowStatement(int line, Flow flow) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context) => flow;
}

/// <summary>Statements in a scope of their own: <c>{% with %}</c>.</summary>
internal sealed class WithStatement(int line, IReadOnlyList<(Expression Target, Expression Value)> assignments, Block body) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        Flow flow = Flow.Next;
        Scope inner = new(context.Scope);
        foreach ((Expression target, Expression value) in assignments)
        {
            Assignment.Assign(inner, target, value.Evaluate(context), context.Budget);
        }
        context.InScope(inner, () => flow = body.Execute(context));
        return flow;
    }
}

/// <summary>Statements that only mark a region, such as <c>{% generation %}</c>.</summary>
internal sealed class RegionStatement(int line, Block body) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context) => body.Execute(context);
}
