namespace Winnow.Inference.Templates.Runtime;

/// <summary>Methods of dicts; those that would change the dict are not there, as in transformers' sandbox.</summary>
internal static class DictMethods
{
    /// <summary>A method, or null.</summary>
    public static object? Find(JinjaDict dict, string name) => name switch
    {
        "items" => new JinjaFunction(name, (context, arguments) => Items(context, dict, arguments)),
        "keys" => new JinjaFunction(name, (context, arguments) => Listed(context, arguments, name, dict.Keys)),
        "values" => new JinjaFunction(name, (context, arguments) => Listed(context, arguments, name, dict.Values)),
        "copy" => new JinjaFunction(name, (_, _) => dict),
        "get" => new JinjaFunction(name, (_, arguments) =>
        {
            BoundArguments bound = arguments.Bind("get", "key", "default");
            return dict.TryGet(bound.Need("key"), out object? value) ? value : bound.Get("default", null);
        }),
        _ => null,
    };

    /// <summary>Keys and values as a list of pairs.</summary>
    public static JinjaList Pairs(JinjaDict dict) => new([.. dict.Entries.Select(entry => JinjaList.Pair(entry.Key, entry.Value))]);

    private static JinjaList Items(RenderContext context, JinjaDict dict, CallArguments arguments)
    {
        arguments.Bind("items");
        context.Budget.Step(dict.Count);
        return Pairs(dict);
    }

    private static JinjaList Listed(RenderContext context, CallArguments arguments, string name, IEnumerable<object?> values)
    {
        arguments.Bind(name);
        JinjaList list = new([.. values]);
        context.Budget.Step(list.Items.Count);
        return list;
    }
}
