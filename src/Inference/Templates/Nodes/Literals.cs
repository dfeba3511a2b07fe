using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>A value written in the template.</summary>
internal sealed class Literal(object? value) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => value;
}

/// <summary>A list or tuple written in the template.</summary>
internal sealed class ListLiteral(IReadOnlyList<Expression> items, bool isTuple) : Expression
{
    /// <summary>The expressions in it.</summary>
    public IReadOnlyList<Expression> Items => items;

    /// <inheritdoc/>
    protected override object? Compute(RenderContext context) => new JinjaList([.. items.Select(item => item.Evaluate(context))], isTuple);
}

/// <summary>A dict written in the template.</summary>
internal sealed class DictLiteral(IReadOnlyList<(Expression Key, Expression Value)> entries) : Expression
{
    /// <inheritdoc/>
    protected override object? Compute(RenderContext context)
    {
        JinjaDict dict = new();
        foreach ((Expression key, Expression value) in entries)
        {
            dict.With(key.Evaluate(context), value.Evaluate(context));
        }
        return dict;
    }
}
