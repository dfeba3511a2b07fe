namespace Winnow.Inference.Templates.Runtime;

/// <summary>The filters on lists, dicts and other sequences.</summary>
internal static class SequenceFilters
{
    /// <summary>The filters by name.</summary>
    public static IReadOnlyDictionary<string, Filter> All { get; } = new Dictionary<string, Filter>(StringComparer.Ordinal)
    {
        ["count"] = static (_, value, _) => Iteration.Count(value),
        ["dictsort"] = SortDict,
        ["first"] = static (context, value, _) => Iteration.Items(context.Budget, value) is [var first, ..] ? first : new Undefined("the first of nothing"),
        ["items"] = static (_, value, _) => value switch
        {
            JinjaDict dict => DictMethods.Pairs(dict),
            Undefined => new JinjaList([]),
            _ => throw new EvaluationException($"'items' needs a dict, found {TypeNames.Of(value)}"),
        },
        ["join"] = Join,
        ["last"] = static (context, value, _) => Iteration.Items(context.Budget, value) is [.., var last] ? last : new Undefined("the last of nothing"),
        ["length"] = static (_, value, _) => Iteration.Count(value),
        ["list"] = static (context, value, _) => new JinjaList(Iteration.Items(context.Budget, value)),
        ["map"] = Map,
        ["max"] = static (context, value, arguments) => Extreme(context, value, arguments, "max"),
        ["min"] = static (context, value, arguments) => Extreme(context, value, arguments, "min"),
        ["reject"] = static (context, value, arguments) => Select(context, value, arguments, byAttribute: false, keep: false),
        ["rejectattr"] = static (context, value, arguments) => Select(context, value, arguments, byAttribute: true, keep: false),
        ["reverse"] = Reverse,
        ["select"] = static (context, value, arguments) => Select(context, value, arguments, byAttribute: false, keep: true),
        ["selectattr"] = static (context, value, arguments) => Select(context, value, arguments, byAttribute: true, keep: true),
        ["sort"] = Sort,
        ["sum"] = Sum,
        ["unique"] = Unique,
    };

    private static string Join(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("join", "d", "attribute");
        object? attribute = bound.Get("attribute", null);
        string separator = ValueText.Of(context.Budget, bound.Get("d", ""));
        List<string> parts = [];
        long length = 0;
        foreach (object? item in Iteration.Items(context.Budget, value))
        {
            parts.Add(ValueText.Of(context.Budget, attribute is null ? item : Members.GetPath(item, attribute)));
            length += parts[^1].Length + separator.Length;
            context.Budget.CheckLength(length);
        }
        return string.Join(separator, parts);
    }

    private static object Reverse(RenderContext context, object? value, CallArguments arguments)
    {
        IReadOnlyList<object?> items = Iteration.Items(context.Budget, value);
        return value is string ? string.Concat(items.Reverse()) : new JinjaList([.. items.Reverse()]);
    }

    private static JinjaList Map(RenderContext context, object? value, CallArguments arguments)
    {
        IReadOnlyList<object?> items = Iteration.Items(context.Budget, value);
        if (arguments.Positional.Count == 0)
        {
            BoundArguments bound = arguments.Bind("map", "attribute", "default");
            object? path = bound.Need("attribute");
            return new JinjaList([.. items.Select(item => Members.GetPath(item, path) is Undefined missing ? bound.Get("default", missing) : Members.GetPath(item, path))]);
        }
        string filter = arguments.Positional[0] as string ?? throw new EvaluationException("'map' needs the name of a filter");
        CallArguments rest = arguments with { Positional = [.. arguments.Positional.Skip(1)] };
        return new JinjaList([.. items.Select(item => Filters.Apply(context, filter, item, rest))]);
    }

    private static JinjaList Select(RenderContext context, object? value, CallArguments arguments, bool byAttribute, bool keep)
    {
        int testAt = byAttribute ? 1 : 0;
        if (arguments.Positional.Count < testAt)
        {
            throw new EvaluationException("'selectattr' and 'rejectattr' need the name of an attribute");
        }
        string? test = arguments.Positional.Count > testAt
            ? arguments.Positional[testAt] as string ?? throw new EvaluationException("the name of a test must be a string")
            : null;
        CallArguments rest = arguments with { Positional = [.. arguments.Positional.Skip(testAt + 1)] };
        return new JinjaList([.. Iteration.Items(context.Budget, value).Where(item =>
        {
            object? subject = byAttribute ? Members.GetPath(item, arguments.Positional[0]) : item;
            return keep == (test is null ? Truth.Of(subject) : ValueTests.Apply(context, test, subject, rest));
        })]);
    }

    private static JinjaList Sort(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("sort", "reverse", "case_sensitive", "attribute");
        object? attribute = bound.Get("attribute", null);
        return new JinjaList(Ordered(
            context,
            Iteration.Items(context.Budget, value),
            item => attribute is null ? item : Members.GetPath(item, attribute),
            bound.Flag("case_sensitive", false),
            bound.Flag("reverse", false)));
    }

    private static JinjaList SortDict(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("dictsort", "case_sensitive", "by", "reverse");
        int part = bound.Text("by", "key") switch
        {
            "key" => 0,
            "value" => 1,
            string by => throw new EvaluationException($"'dictsort' sorts by 'key' or 'value', not '{by}'"),
        };
        JinjaDict dict = value as JinjaDict ?? throw new EvaluationException($"'dictsort' needs a dict, found {TypeNames.Of(value)}");
        return new JinjaList(Ordered(
            context,
            DictMethods.Pairs(dict).Items,
            pair => ((JinjaList)pair!).Items[part],
            bound.Flag("case_sensitive", false),
            bound.Flag("reverse", false)));
    }

    // Stable, also in reverse, as Python's sort is.
    private static List<object?> Ordered(RenderContext context, IReadOnlyList<object?> items, Func<object?, object?> key, bool caseSensitive, bool reverse)
    {
        Comparer<object?> order = Comparer<object?>.Create((left, right) => Comparison.Compare(context.Budget, left, right));
        try
        {
            Func<object?, object?> folded = item => Folded(key(item), caseSensitive);
            return [.. reverse ? items.OrderByDescending(folded, order) : items.OrderBy(folded, order)];
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is EvaluationException inner)
        {
            throw inner;
        }
    }

    private static object? Folded(object? key, bool caseSensitive) => key is string text && !caseSensitive ? text.ToLowerInvariant() : key;

    private static object? Extreme(RenderContext context, object? value, CallArguments arguments, string name)
    {
        BoundArguments bound = arguments.Bind(name, "case_sensitive", "attribute");
        object? attribute = bound.Get("attribute", null);
        IReadOnlyList<object?> items = Iteration.Items(context.Budget, value);
        List<object?> ordered = Ordered(
            context,
            items,
            item => attribute is null ? item : Members.GetPath(item, attribute),
            bound.Flag("case_sensitive", false),
            reverse: name == "max");
        return ordered.Count > 0 ? ordered[0] : new Undefined($"the {name} of nothing");
    }

    private static object? Sum(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("sum", "attribute", "start");
        object? attribute = bound.Get("attribute", null);
        object? sum = bound.Get("start", 0L);
        foreach (object? item in Iteration.Items(context.Budget, value))
        {
            sum = Arithmetic.Apply(context.Budget, "+", sum, attribute is null ? item : Members.GetPath(item, attribute));
        }
        return sum;
    }

    private static JinjaList Unique(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("unique", "case_sensitive", "attribute");
        object? attribute = bound.Get("attribute", null);
        bool caseSensitive = bound.Flag("case_sensitive", false);
        List<object?> seen = [];
        List<object?> unique = [];
        foreach (object? item in Iteration.Items(context.Budget, value))
        {
            object? key = Folded(attribute is null ? item : Members.GetPath(item, attribute), caseSensitive);
            if (!seen.Exists(other => Comparison.AreEqual(context.Budget, other, key)))
            {
                seen.Add(key);
                unique.Add(item);
            }
        }
        return new JinjaList(unique);
    }
}
