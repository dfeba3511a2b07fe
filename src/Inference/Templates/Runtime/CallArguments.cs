namespace Winnow.Inference.Templates.Runtime;

/// <summary>Arguments of a call, filter or test.</summary>
/// <param name="Positional">Arguments by position.</param>
/// <param name="Named">Arguments by name.</param>
internal sealed record CallArguments(IReadOnlyList<object?> Positional, IReadOnlyDictionary<string, object?> Named)
{
    /// <summary>No arguments.</summary>
    public static CallArguments None { get; } = new([], new Dictionary<string, object?>());

    /// <summary>Matches the arguments with parameters.</summary>
    /// <param name="function">The callee, for errors.</param>
    /// <param name="parameters">Names of the parameters, in order.</param>
    /// <exception cref="EvaluationException">There are too many, or one has no parameter or is given twice.</exception>
    public BoundArguments Bind(string function, params string[] parameters)
    {
        if (Positional.Count > parameters.Length)
        {
            throw new EvaluationException($"'{function}' takes at most {parameters.Length} arguments, found {Positional.Count}");
        }
        Dictionary<string, object?> values = new(StringComparer.Ordinal);
        for (int i = 0; i < Positional.Count; i++)
        {
            values[parameters[i]] = Positional[i];
        }
        foreach ((string name, object? value) in Named)
        {
            if (!parameters.Contains(name))
            {
                throw new EvaluationException($"'{function}' has no parameter '{name}'");
            }
            if (!values.TryAdd(name, value))
            {
                throw new EvaluationException($"'{function}' got '{name}' twice");
            }
        }
        return new BoundArguments(function, values);
    }
}
