using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>A filter: a value and its arguments to a value.</summary>
internal delegate object? Filter(RenderContext context, object? value, CallArguments arguments);

/// <summary>The filters by name: those on texts and single values here, those on sequences in <see cref="SequenceFilters"/>.</summary>
internal static partial class Filters
{
    private static readonly FrozenDictionary<string, Filter> ByName = new Dictionary<string, Filter>(SequenceFilters.All, StringComparer.Ordinal)
    {
        ["abs"] = static (_, value, arguments) => Abs(Plain(arguments, "abs", value)),
        ["capitalize"] = static (context, value, _) => StringMethods.Capitalize(Text(context, value)),
        ["default"] = Default,
        ["d"] = Default,
        ["e"] = static (context, value, _) => Escape(Text(context, value)),
        ["escape"] = static (context, value, _) => Escape(Text(context, value)),
        ["float"] = ToFloat,
        ["indent"] = Indent,
        ["int"] = ToInteger,
        ["lower"] = static (context, value, _) => Text(context, value).ToLowerInvariant(),
        ["replace"] = static (context, value, arguments) => StringMethods.Replace(context.Budget, Text(context, value), arguments.Bind("replace", "old", "new", "count")),
        ["round"] = Round,
        ["safe"] = static (_, value, _) => value,
        ["string"] = static (context, value, _) => Text(context, value),
        ["title"] = static (context, value, _) => Title(Text(context, value)),
        ["tojson"] = static (context, value, arguments) => JsonText.Of(context.Budget, value, arguments),
        ["trim"] = static (context, value, arguments) => Text(context, value).Trim(arguments.Bind("trim", "chars").Get("chars", null) is string given ? given.ToCharArray() : null),
        ["upper"] = static (context, value, _) => Text(context, value).ToUpperInvariant(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Whether there is a filter of that name.</summary>
    public static bool Exists(string name) => ByName.ContainsKey(name);

    /// <summary>Applies a filter.</summary>
    /// <exception cref="EvaluationException">There is none of that name, or it does not go with the value.</exception>
    public static object? Apply(RenderContext context, string name, object? value, CallArguments arguments)
    {
        context.Budget.StepText((value as string)?.Length ?? 0);
        return ByName.TryGetValue(name, out Filter? filter)
            ? filter(context, value, arguments)
            : throw new EvaluationException($"there is no filter '{name}'");
    }

    [GeneratedRegex(@"([-\s({\[<]+)")]
    private static partial Regex WordBeginnings { get; }

    private static string Text(RenderContext context, object? value) => ValueText.Of(context.Budget, value);

    private static object? Plain(CallArguments arguments, string name, object? value)
    {
        arguments.Bind(name);
        return value;
    }

    private static object Abs(object? value) => value switch
    {
        double number => Math.Abs(number),
        long or bool => Numbers.ToInteger(value) < 0 ? Arithmetic.Sign(negative: true, value) : Numbers.ToInteger(value),
        _ => throw new EvaluationException($"'abs' needs a number, found {TypeNames.Of(value)}"),
    };

    private static object? Default(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("default", "default_value", "boolean");
        return value is Undefined || (bound.Flag("boolean", false) && !Truth.Of(value)) ? bound.Get("default_value", "") : value;
    }

    private static string Escape(string text) => text
        .Replace("&", "&amp;", StringComparison.Ordinal)
        .Replace("<", "&lt;", StringComparison.Ordinal)
        .Replace(">", "&gt;", StringComparison.Ordinal)
        .Replace("'", "&#39;", StringComparison.Ordinal)
        .Replace("\"", "&#34;", StringComparison.Ordinal);

    private static object? ToInteger(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("int", "default");
        object? number = value is string text ? Numbers.Parse(text) : value;
        return number switch
        {
            long or bool => Numbers.ToInteger(number),
            double real when Math.Abs(real) < long.MaxValue => (long)real,
            _ => bound.Get("default", 0L),
        };
    }

    private static object? ToFloat(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("float", "default");
        return Numbers.TryGet(value is string text ? Numbers.Parse(text) : value, out double number) ? number : bound.Get("default", 0.0);
    }

    private static object Round(RenderContext context, object? value, CallArguments arguments)
    {
        const int MostDigits = 15;
        BoundArguments bound = arguments.Bind("round", "precision", "method");
        double number = Numbers.TryGet(value, out double found) ? found : throw new EvaluationException($"'round' needs a number, found {TypeNames.Of(value)}");
        int digits = (int)Math.Clamp(bound.Integer("precision", 0), -MostDigits, MostDigits);
        double scale = Math.Pow(10, Math.Abs(digits));
        if (value is long && bound.Text("method", "common") == "common")
        {
            return digits >= 0 ? value : (long)(Math.Round(number / scale, MidpointRounding.ToEven) * scale);
        }
        return bound.Text("method", "common") switch
        {
            "common" => digits >= 0 ? Math.Round(number, digits, MidpointRounding.ToEven) : Math.Round(number / scale, MidpointRounding.ToEven) * scale,
            "ceil" => digits >= 0 ? Math.Ceiling(number * scale) / scale : Math.Ceiling(number / scale) * scale,
            "floor" => digits >= 0 ? Math.Floor(number * scale) / scale : Math.Floor(number / scale) * scale,
            string method => throw new EvaluationException($"'round' knows 'common', 'ceil' and 'floor', not '{method}'"),
        };
    }

    private static string Title(string text) => string.Concat(WordBeginnings.Split(text).Select(StringMethods.Capitalize));

    private static string Indent(RenderContext context, object? value, CallArguments arguments)
    {
        BoundArguments bound = arguments.Bind("indent", "width", "first", "blank");
        context.Budget.CheckLength(bound.Get("width", 4L) is long width ? Math.Max(0, width) : 0);
        string indentation = bound.Get("width", 4L) is string given ? given : new string(' ', (int)Math.Max(0, bound.Integer("width", 4)));
        bool blank = bound.Flag("blank", false);
        string[] lines = Text(context, value).ReplaceLineEndings("\n").Split('\n');
        context.Budget.Step(lines.Length);
        context.Budget.StepText(lines.Sum(line => (long)line.Length) + ((1L + indentation.Length) * lines.Length));
        IEnumerable<string> rest = lines.Skip(1).Select(line => line.Length > 0 || blank ? indentation + line : line);
        return string.Join('\n', rest.Prepend(bound.Flag("first", false) ? indentation + lines[0] : lines[0]));
    }
}
