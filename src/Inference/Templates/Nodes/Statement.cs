using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>How a statement ended.</summary>
internal enum Flow
{
    /// <summary>Go on with the next one.</summary>
    Next,

    /// <summary>Leave the loop.</summary>
    Break,

    /// <summary>Go on with the loop's next item.</summary>
    Continue,
}

/// <summary>A part of a template that does something.</summary>
/// <param name="line">Where it begins.</param>
internal abstract class Statement(int line)
{
    /// <summary>Where it begins.</summary>
    public int Line => line;

    /// <summary>Runs it; a failure gets this statement's line unless a statement inside gave its own.</summary>
    /// <exception cref="TemplateException">It failed.</exception>
    public Flow Execute(RenderContext context)
    {
        try
        {
            context.Budget.Step();
            return Run(context);
        }
        catch (EvaluationException inner)
        {
            throw new TemplateException(line, inner.Message, inner);
        }
    }

    /// <summary>Runs it.</summary>
    protected abstract Flow Run(RenderContext context);
}

/// <summary>Statements one after the other.</summary>
internal sealed class Block(IReadOnlyList<Statement> statements)
{
    /// <summary>Runs them until one ends with something other than <see cref="Flow.Next"/>.</summary>
    public Flow Execute(RenderContext context)
    {
        foreach (Statement statement in statements)
        {
            if (statement.Execute(context) is not Flow.Next and Flow flow)
            {
                return flow;
            }
        }
        return Flow.Next;
    }
}
