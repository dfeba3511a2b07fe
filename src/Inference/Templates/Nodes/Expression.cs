using System.Runtime.CompilerServices;
using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>A part of a template that has a value.</summary>
internal abstract class Expression
{
    /// <summary>The value.</summary>
    public object? Evaluate(RenderContext context)
    {
        context.Budget.Step();
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            throw new EvaluationException("the expression is nested too deep");
        }
        return Compute(context);
    }

    /// <summary>Computes the value.</summary>
    protected abstract object? Compute(RenderContext context);
}
