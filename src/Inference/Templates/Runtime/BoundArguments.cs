namespace Winnow.Inference.Templates.Runtime;

/// <summary>Arguments by parameter name, with checked types.</summary>
/// <param name="function">The callee, for errors.</param>
/// <param name="values">The arguments given.</param>
internal sealed class BoundArguments(string function, Dictionary<string, object?> values)
{
    /// <summary>Whether an argument was given.</summary>
    public bool Has(string name) => values.ContainsKey(name);

    /// <summary>An argument of any type, or the fallback.</summary>
    public object? Get(string name, object? fallback) => values.TryGetValue(name, out object? value) ? value : fallback;

    /// <summary>An argument that must be given.</summary>
    public object? Need(string name) => values.TryGetValue(name, out object? value)
        ? value
        : throw new EvaluationException($"'{function}' needs the argument '{name}'");

    /// <summary>A string, or the fallback.</summary>
    public string Text(string name, string fallback) => Has(name) ? NeedText(name) : fallback;

    /// <summary>A string that must be given.</summary>
    public string NeedText(string name) => Need(name) as string ?? throw Wrong(name, "a string");

    /// <summary>An integer, or the fallback; none counts as not given.</summary>
    public long Integer(string name, long fallback) => Get(name, null) switch
    {
        null => fallback,
        long value => value,
        bool value => value ? 1 : 0,
        _ => throw Wrong(name, "an integer"),
    };

    /// <summary>The truth of an argument, or the fallback.</summary>
    public bool Flag(string name, bool fallback) => Has(name) ? Truth.Of(Need(name)) : fallback;

    private EvaluationException Wrong(string name, string expected) =>
        new($"'{function}' needs {expected} as '{name}', found {TypeNames.Of(Get(name, null))}");
}
