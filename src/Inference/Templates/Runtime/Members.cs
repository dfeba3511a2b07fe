namespace Winnow.Inference.Templates.Runtime;

/// <summary>What a dot and square brackets find. Only what is listed here can be reached: there is no reflection.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method or attribute first, then an entry.</summary>
    /// <exception cref="EvaluationException">The value is undefined.</exception>
    public static object? GetAttribute(object? value, string name) => value switch
    {
        Undefined undefined => throw undefined.Error(),
        LoopState loop => loop.Get(name),
        JinjaNamespace space => GetFromNamespace(space, name),
        JinjaDict dict => DictMethods.Find(dict, name) ?? GetEntry(dict, name),
        string text => StringMethods.Find(text, name) ?? Missing(value, name),
        JinjaList list => ListMethods.Find(list, name) ?? Missing(value, name),
        JinjaFunction function when name == "name" => function.Name,
        _ => Missing(value, name),
    };

    /// <summary><c>value[key]</c>: an entry first, then a method or attribute.</summary>
    /// <exception cref="EvaluationException">The value is undefined.</exception>
    public static object? GetItem(object? value, object? key)
    {
        switch (value)
        {
            case Undefined undefined:
                throw undefined.Error();
            case JinjaDict dict when dict.TryGet(key, out object? entry):
                return entry;
            case JinjaList or string when key is long or bool:
                return GetElement(value, Numbers.ToInteger(key));
            default:
                return key is string name ? GetAttributeOrMissing(value, name) : Missing(value, key);
        }
    }

    /// <summary>A path of attributes and indices with dots between, as filters take it.</summary>
    public static object? GetPath(object? value, object? path)
    {
        if (path is not string text)
        {
            return GetItem(value, path);
        }
        foreach (string part in text.Split('.'))
        {
            value = value is Undefined ? value : GetItem(value, part.Length > 0 && part.All(char.IsAsciiDigit) && Numbers.Parse(part) is long index ? index : part);
        }
        return value;
    }

    private static object? GetAttributeOrMissing(object? value, string name) =>
        value is JinjaDict dict ? DictMethods.Find(dict, name) ?? Missing(value, name) : GetAttribute(value, name);

    private static object? GetEntry(JinjaDict dict, string name) => dict.TryGet(name, out object? value) ? value : Missing(dict, name);

    private static object? GetFromNamespace(JinjaNamespace space, string name) =>
        space.Attributes.TryGetValue(name, out object? value) ? value : Missing(space, name);

    private static object? GetElement(object value, long index)
    {
        if (value is JinjaList list)
        {
            long at = index < 0 ? index + list.Items.Count : index;
            return at >= 0 && at < list.Items.Count ? list.Items[(int)at] : Missing(value, index);
        }
        string text = (string)value;
        long position = index < 0 ? index + Iteration.Count(text) : index;
        return (position >= 0 ? Iteration.CodePointAt(text, position) : null) ?? (object)Missing(value, index);
    }

    private static Undefined Missing(object? value, object? name) => new($"'{name}' of {TypeNames.Of(value)}");
}
