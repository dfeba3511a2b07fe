using Winnow.Inference.Templates.Runtime;

namespace Winnow.Inference.Templates.Nodes;

/// <summary>A macro's name, parameters and body; a call block's body is one without name.</summary>
/// <param name="Name">Its name, for errors.</param>
/// <param name="Parameters">Names with default values.</param>
/// <param name="UsesExtraPositional">The body reads <c>varargs</c>.</param>
/// <param name="UsesExtraNamed">The body reads <c>kwargs</c>.</param>
/// <param name="UsesCaller">The body reads <c>caller</c>.</param>
/// <param name="Body">What it writes.</param>
internal sealed record Macro(
    string Name,
    IReadOnlyList<(string Name, Expression? Default)> Parameters,
    bool UsesExtraPositional,
    bool UsesExtraNamed,
    bool UsesCaller,
    Block Body)
{
    /// <summary>The macro as a value; names in its body mean what they mean where it is written.</summary>
    public JinjaFunction Close(Scope around) => new(Name, (context, arguments) => Call(context, around, arguments));

    private string Call(RenderContext context, Scope around, CallArguments arguments)
    {
        Scope scope = new(around);
        context.Budget.Enter();
        try
        {
            context.InScope(scope, () => Bind(context, scope, arguments));
            return context.Capture(() => context.InScope(scope, () => Body.Execute(context)));
        }
        finally
        {
            context.Budget.Leave();
        }
    }

    private void Bind(RenderContext context, Scope scope, CallArguments arguments)
    {
        Dictionary<string, object?> named = new(arguments.Named, StringComparer.Ordinal);
        for (int i = 0; i < Parameters.Count; i++)
        {
            (string name, Expression? fallback) = Parameters[i];
            bool isNamed = named.Remove(name, out object? value);
            if (i < arguments.Positional.Count)
            {
                value = isNamed ? throw new EvaluationException($"macro '{Name}' got '{name}' twice") : arguments.Positional[i];
            }
            else if (!isNamed)
            {
                value = fallback is null ? new Undefined($"parameter '{name}' of macro '{Name}'") : fallback.Evaluate(context);
            }
            scope.Set(name, value);
        }
        BindExtra(scope, arguments, named);
    }

    private void BindExtra(Scope scope, CallArguments arguments, Dictionary<string, object?> named)
    {
        if (UsesCaller)
        {
            scope.Set("caller", named.Remove("caller", out object? caller) ? caller : new Undefined("'caller'"));
        }
        if (UsesExtraNamed)
        {
            scope.Set("kwargs", named.Aggregate(new JinjaDict(), (dict, entry) => dict.With(entry.Key, entry.Value)));
        }
        else if (named.Count > 0)
        {
            throw new EvaluationException($"macro '{Name}' has no parameter '{named.Keys.First()}'");
        }
        if (UsesExtraPositional)
        {
            scope.Set("varargs", new JinjaList([.. arguments.Positional.Skip(Parameters.Count)], IsTuple: true));
        }
        else if (arguments.Positional.Count > Parameters.Count)
        {
            throw new EvaluationException($"macro '{Name}' takes at most {Parameters.Count} arguments, found {arguments.Positional.Count}");
        }
    }
}

/// <summary><c>{% macro %}</c>.</summary>
internal sealed class MacroStatement(int line, Macro macro) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        context.Scope.Set(macro.Name, macro.Close(context.Scope));
        return Flow.Next;
    }
}

/// <summary><c>{% call %}</c>: a call that can ask for the text inside, as <c>caller</c>.</summary>
internal sealed class CallStatement(int line, CallExpression call, Macro caller) : Statement(line)
{
    /// <inheritdoc/>
    protected override Flow Run(RenderContext context)
    {
        object? value = call.Call(context, [KeyValuePair.Create("caller", (object?)caller.Close(context.Scope))]);
        context.Write(ValueText.Printed(context.Budget, value));
        return Flow.Next;
    }
}
