using System.Text;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>The state of one rendering.</summary>
internal sealed class RenderContext(RenderBudget budget, Scope globals)
{
    private StringBuilder _output = new();

    /// <summary>What is used up.</summary>
    public RenderBudget Budget => budget;

    /// <summary>Variables of the current block.</summary>
    public Scope Scope { get; set; } = globals;

    /// <summary>Appends to the output.</summary>
    public void Write(string text)
    {
        Budget.CheckLength((long)_output.Length + text.Length);
        _output.Append(text);
    }

    /// <summary>What was written since the rendering, or the <see cref="Capture"/> around, began.</summary>
    public string TakeOutput() => _output.ToString();

    /// <summary>Runs an action and answers with what it wrote instead of writing it.</summary>
    public string Capture(Action action)
    {
        StringBuilder outer = _output;
        _output = new StringBuilder();
        try
        {
            action();
            return TakeOutput();
        }
        finally
        {
            _output = outer;
        }
    }

    /// <summary>Runs an action in a scope of its own.</summary>
    public void InScope(Scope scope, Action action)
    {
        Scope outer = Scope;
        Scope = scope;
        try
        {
            action();
        }
        finally
        {
            Scope = outer;
        }
    }
}
