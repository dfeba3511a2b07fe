namespace Winnow.Inference.Templates.Runtime;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    private const int MaxRange = 100_000;

    /// <summary>A scope with the functions.</summary>
    /// <param name="now">What <c>strftime_now</c> formats.</param>
    public static Scope Create(DateTimeOffset now)
    {
        Scope scope = new(null);
        Add("range", Range);
        Add("namespace", Namespace);
        Add("dict", (context, arguments) => arguments.Named.Aggregate(Copy(context, arguments.Positional), (dict, entry) => dict.With(entry.Key, entry.Value)));
        Add("raise_exception", (context, arguments) =>
            throw new EvaluationException(ValueText.Of(context.Budget, arguments.Bind("raise_exception", "message").Get("message", "the template refuses its input"))));
        Add("strftime_now", (context, arguments) => TimeFormat.Format(now, arguments.Bind("strftime_now", "format").NeedText("format")));
        return scope;

        void Add(string name, Func<RenderContext, CallArguments, object?> body) => scope.Set(name, new JinjaFunction(name, body));
    }

    private static JinjaDict Copy(RenderContext context, IReadOnlyList<object?> positional)
    {
        JinjaDict copy = new();
        foreach ((object key, object? value) in positional switch
        {
            [] => [],
            [JinjaDict dict] => dict.Entries,
            _ => throw new EvaluationException("'dict' takes one dict and named values"),
        })
        {
            context.Budget.Step();
            copy.With(key, value);
        }
        return copy;
    }

    private static JinjaNamespace Namespace(RenderContext context, CallArguments arguments)
    {
        JinjaNamespace space = new();
        foreach ((object key, object? value) in Copy(context, arguments.Positional).Entries)
        {
            space.Attributes[key as string ?? throw new EvaluationException("a namespace's names must be strings")] = value;
        }
        foreach ((string name, object? value) in arguments.Named)
        {
            space.Attributes[name] = value;
        }
        return space;
    }

    private static JinjaList Range(RenderContext context, CallArguments arguments)
    {
        long[] bounds = [.. arguments.Positional.Select(value => value is long or bool
            ? Numbers.ToInteger(value)
            : throw new EvaluationException($"'range' needs integers, found {TypeNames.Of(value)}"))];
        (long start, long stop, long step) = bounds switch
        {
            [long only] => (0, only, 1),
            [long first, long last] => (first, last, 1),
            [long first, long last, long by] => (first, last, by),
            _ => throw new EvaluationException($"'range' takes 1 to 3 arguments, found {bounds.Length}"),
        };
        if (step == 0)
        {
            throw new EvaluationException("the step of 'range' cannot be zero");
        }
        Int128 distance = step > 0 ? (Int128)stop - start : (Int128)start - stop;
        Int128 count = Int128.Max(0, (distance + Int128.Abs(step) - 1) / Int128.Abs(step));
        if (count > MaxRange)
        {
            throw new EvaluationException($"'range' gives at most {MaxRange} numbers, asked for {count}");
        }
        context.Budget.Step((int)count);
        return new JinjaList([.. Enumerable.Range(0, (int)count).Select(index => (object?)(start + (index * step)))]);
    }
}
