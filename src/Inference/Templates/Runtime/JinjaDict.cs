namespace Winnow.Inference.Templates.Runtime;

/// <summary>A mapping that keeps the order of its keys; keys are strings and integers. Never changed once made.</summary>
internal sealed class JinjaDict
{
    private readonly OrderedDictionary<object, object?> _entries = [];

    /// <summary>Entries.</summary>
    public int Count => _entries.Count;

    /// <summary>Keys in order.</summary>
    public IEnumerable<object> Keys => _entries.Keys;

    /// <summary>Values in order of the keys.</summary>
    public IEnumerable<object?> Values => _entries.Values;

    /// <summary>Keys and values in order.</summary>
    public IEnumerable<KeyValuePair<object, object?>> Entries => _entries;

    /// <summary>Adds or replaces an entry; only while the mapping is made.</summary>
    /// <exception cref="EvaluationException">The key is neither a string nor an integer.</exception>
    public JinjaDict With(object? key, object? value)
    {
        _entries[key is string or long ? key : throw new EvaluationException($"a dict key must be a string or an integer, not {TypeNames.Of(key)}")] = value;
        return this;
    }

    /// <summary>The value of a key.</summary>
    public bool TryGet(object? key, out object? value)
    {
        value = null;
        return key is string or long && _entries.TryGetValue(key, out value);
    }
}
