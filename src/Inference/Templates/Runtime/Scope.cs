namespace Winnow.Inference.Templates.Runtime;

/// <summary>Variables of a block; names that it does not have are looked up around it.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    /// <summary>Sets a variable of this block.</summary>
    public void Set(string name, object? value) => _variables[name] = value;

    /// <summary>A variable's value, or <see cref="Undefined"/>.</summary>
    public object? Get(string name)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables.TryGetValue(name, out object? value))
            {
                return value;
            }
        }
        return new Undefined($"'{name}'");
    }

    private Scope? Parent => parent;
}
