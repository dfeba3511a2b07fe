using System.Collections.Frozen;
using System.Text;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Methods of strings, as Python has them.</summary>
internal static class StringMethods
{
    private static readonly FrozenDictionary<string, Func<RenderContext, string, CallArguments, object?>> Methods =
        new Dictionary<string, Func<RenderContext, string, CallArguments, object?>>(StringComparer.Ordinal)
        {
            ["strip"] = static (_, text, arguments) => Trim(text, arguments, "strip", start: true, end: true),
            ["lstrip"] = static (_, text, arguments) => Trim(text, arguments, "lstrip", start: true, end: false),
            ["rstrip"] = static (_, text, arguments) => Trim(text, arguments, "rstrip", start: false, end: true),
            ["upper"] = static (_, text, arguments) => Plain(arguments, "upper", text.ToUpperInvariant()),
            ["lower"] = static (_, text, arguments) => Plain(arguments, "lower", text.ToLowerInvariant()),
            ["title"] = static (_, text, arguments) => Plain(arguments, "title", Title(text)),
            ["capitalize"] = static (_, text, arguments) => Plain(arguments, "capitalize", Capitalize(text)),
            ["startswith"] = static (_, text, arguments) => AnyAffix(arguments, "startswith", affix => text.StartsWith(affix, StringComparison.Ordinal)),
            ["endswith"] = static (_, text, arguments) => AnyAffix(arguments, "endswith", affix => text.EndsWith(affix, StringComparison.Ordinal)),
            ["removeprefix"] = static (_, text, arguments) => Affix(arguments, "removeprefix") is string affix && text.StartsWith(affix, StringComparison.Ordinal) ? text[affix.Length..] : text,
            ["removesuffix"] = static (_, text, arguments) => Affix(arguments, "removesuffix") is string affix && text.EndsWith(affix, StringComparison.Ordinal) ? text[..^affix.Length] : text,
            ["find"] = static (_, text, arguments) => Find(text, arguments.Bind("find", "sub").NeedText("sub"), last: false),
            ["rfind"] = static (_, text, arguments) => Find(text, arguments.Bind("rfind", "sub").NeedText("sub"), last: true),
            ["count"] = static (_, text, arguments) => Count(text, arguments.Bind("count", "sub").NeedText("sub")),
            ["replace"] = static (context, text, arguments) => Replace(context.Budget, text, arguments.Bind("replace", "old", "new", "count")),
            ["split"] = static (context, text, arguments) => StringSplitting.Split(context.Budget, text, arguments, fromEnd: false),
            ["rsplit"] = static (context, text, arguments) => StringSplitting.Split(context.Budget, text, arguments, fromEnd: true),
            ["splitlines"] = static (context, text, arguments) => StringSplitting.SplitLines(context.Budget, text, arguments),
            ["join"] = static (context, text, arguments) => Join(context, text, arguments.Bind("join", "iterable").Need("iterable")),
            ["isdigit"] = static (_, text, arguments) => Plain(arguments, "isdigit", text.Length > 0 && text.All(char.IsDigit)),
            ["isalpha"] = static (_, text, arguments) => Plain(arguments, "isalpha", text.Length > 0 && text.All(char.IsLetter)),
            ["isalnum"] = static (_, text, arguments) => Plain(arguments, "isalnum", text.Length > 0 && text.All(char.IsLetterOrDigit)),
            ["isspace"] = static (_, text, arguments) => Plain(arguments, "isspace", text.Length > 0 && text.All(char.IsWhiteSpace)),
            ["isupper"] = static (_, text, arguments) => Plain(arguments, "isupper", text.Any(char.IsUpper) && !text.Any(char.IsLower)),
            ["islower"] = static (_, text, arguments) => Plain(arguments, "islower", text.Any(char.IsLower) && !text.Any(char.IsUpper)),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A method, or null.</summary>
    public static object? Find(string text, string name) =>
        Methods.TryGetValue(name, out Func<RenderContext, string, CallArguments, object?>? method)
            ? new JinjaFunction(name, (context, arguments) =>
            {
                context.Budget.StepText(text.Length);
                return method(context, text, arguments);
            })
            : null;

    /// <summary>The first letter large, the others small.</summary>
    public static string Capitalize(string text) => text.Length == 0 ? text : text[..1].ToUpperInvariant() + text[1..].ToLowerInvariant();

    /// <summary>Occurrences of a part replaced.</summary>
    public static string Replace(RenderBudget budget, string text, BoundArguments arguments)
    {
        string old = arguments.NeedText("old");
        string replacement = arguments.NeedText("new");
        long most = arguments.Integer("count", -1);
        if (most == 0)
        {
            return text;
        }
        long found = old.Length == 0 ? text.Length + 1L : Count(text, old);
        long count = most < 0 ? found : Math.Min(most, found);
        budget.StepText(text.Length + (count * Math.Max(0, replacement.Length - old.Length)));
        return old.Length == 0 ? Interleave(text, replacement, count) : ReplaceFirst(text, old, replacement, count);
    }

    private static string ReplaceFirst(string text, string old, string replacement, long count)
    {
        StringBuilder result = new(text.Length);
        int at = 0;
        for (int next = text.IndexOf(old, StringComparison.Ordinal); next >= 0 && count > 0; count--)
        {
            result.Append(text, at, next - at).Append(replacement);
            at = next + old.Length;
            next = text.IndexOf(old, at, StringComparison.Ordinal);
        }
        return result.Append(text, at, text.Length - at).ToString();
    }

    private static string Interleave(string text, string replacement, long count)
    {
        StringBuilder result = new();
        foreach (string character in Iteration.CodePoints(text))
        {
            result.Append(count-- > 0 ? replacement : "").Append(character);
        }
        return result.Append(count > 0 ? replacement : "").ToString();
    }

    private static string Join(RenderContext context, string separator, object? values)
    {
        IReadOnlyList<object?> items = Iteration.Items(context.Budget, values);
        foreach (object? item in items)
        {
            _ = item as string ?? throw new EvaluationException($"'join' needs strings, found {TypeNames.Of(item)}");
        }
        context.Budget.StepText(items.Sum(item => (long)((string)item!).Length) + ((long)separator.Length * items.Count));
        return string.Join(separator, items);
    }

    private static object? Plain(CallArguments arguments, string name, object? value)
    {
        arguments.Bind(name);
        return value;
    }

    private static string Trim(string text, CallArguments arguments, string name, bool start, bool end)
    {
        char[]? characters = arguments.Bind(name, "chars").Get("chars", null) switch
        {
            null => null,
            string given => given.ToCharArray(),
            object other => throw new EvaluationException($"'{name}' needs a string, found {TypeNames.Of(other)}"),
        };
        text = start ? text.TrimStart(characters) : text;
        return end ? text.TrimEnd(characters) : text;
    }

    private static string Title(string text)
    {
        StringBuilder result = new(text.Length);
        bool afterLetter = false;
        foreach (char character in text)
        {
            result.Append(afterLetter ? char.ToLowerInvariant(character) : char.ToUpperInvariant(character));
            afterLetter = char.IsLetter(character);
        }
        return result.ToString();
    }

    private static bool AnyAffix(CallArguments arguments, string name, Func<string, bool> matches) =>
        arguments.Bind(name, "affix").Need("affix") switch
        {
            string affix => matches(affix),
            JinjaList affixes => affixes.Items.Any(affix => affix is string text && matches(text)),
            _ => throw new EvaluationException($"'{name}' needs a string or a tuple of strings"),
        };

    private static string Affix(CallArguments arguments, string name) => arguments.Bind(name, "affix").NeedText("affix");

    private static object Find(string text, string part, bool last)
    {
        int at = last ? text.LastIndexOf(part, StringComparison.Ordinal) : text.IndexOf(part, StringComparison.Ordinal);
        return at < 0 ? -1L : Iteration.Count(text[..at]);
    }

    private static long Count(string text, string part)
    {
        if (part.Length == 0)
        {
            return Iteration.Count(text) + 1;
        }
        long count = 0;
        for (int at = text.IndexOf(part, StringComparison.Ordinal); at >= 0; at = text.IndexOf(part, at + part.Length, StringComparison.Ordinal))
        {
            count++;
        }
        return count;
    }
}
