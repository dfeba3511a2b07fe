using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>Text outside of tags.</summary>
internal sealed class TextStatement(int line, string text) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        context.Write(text);
        return Flow.Next;
    }
}

/// <summary><c>{{ value }}</c>.</summary>
internal sealed class PrintStatement(int line, Expression value) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        context.Write(ValueText.Printed(context.Budget, value.Evaluate(context)));
        return Flow.Next;
    }
}

/// <summary><c>{% filter name %}</c>: what is inside, filtered.</summary>
internal sealed class FilterStatement(int line, IReadOnlyList<(string Name, ArgumentList Arguments)> filters, Block body) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        object? value = Assignment.CaptureInScope(context, body);
        foreach ((string name, ArgumentList arguments) in filters)
        {
            value = Filters.Apply(context, name, value, arguments.Evaluate(context));
        }
        context.Write(ValueText.Printed(context.Budget, value));
        return Flow.Next;
    }
}
