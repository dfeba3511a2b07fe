using System.Globalization;
using System.Text;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Values as JSON, as Python's <c>json.dumps</c> writes them (and as transformers' <c>tojson</c> calls it).</summary>
internal sealed class JsonText
{
    private readonly RenderBudget _budget;
    private readonly StringBuilder _text = new();
    private readonly string? _indent;
    private readonly string _itemSeparator;
    private readonly string _keySeparator;
    private readonly bool _asciiOnly;
    private readonly bool _sortKeys;
    private int _level;

    private JsonText(RenderBudget budget, BoundArguments options)
    {
        _budget = budget;
        _asciiOnly = options.Flag("ensure_ascii", false);
        _sortKeys = options.Flag("sort_keys", false);
        _indent = options.Get("indent", null) switch
        {
            null => null,
            string text => text,
            long width => new string(' ', (int)Math.Clamp(width, 0, 100)),
            _ => throw new EvaluationException("'tojson' needs an integer or a string as 'indent'"),
        };
        (_itemSeparator, _keySeparator) = options.Get("separators", null) switch
        {
            null => (_indent is null ? ", " : ",", ": "),
            JinjaList { Items: [string item, string key] } => (item, key),
            _ => throw new EvaluationException("'tojson' needs two strings as 'separators'"),
        };
    }

    /// <summary>A value as JSON; the options are those of the filter.</summary>
    /// <exception cref="EvaluationException">A value has no JSON form.</exception>
    public static string Of(RenderBudget budget, object? value, CallArguments arguments)
    {
        JsonText writer = new(budget, arguments.Bind("tojson", "ensure_ascii", "indent", "separators", "sort_keys"));
        writer.Append(value);
        return writer._text.ToString();
    }

    private void Append(object? value)
    {
        _budget.Step();
        _budget.CheckLength(_text.Length);
        switch (value)
        {
            case null or Undefined:
                _text.Append("null");
                break;
            case bool flag:
                _text.Append(flag ? "true" : "false");
                break;
            case long number:
                _text.Append(CultureInfo.InvariantCulture, $"{number}");
                break;
            case double number:
                _text.Append(double.IsFinite(number) ? Numbers.ToText(number) : double.IsNaN(number) ? "NaN" : number > 0 ? "Infinity" : "-Infinity");
                break;
            case string text:
                AppendString(text);
                break;
            case JinjaList list:
                AppendAll('[', ']', list.Items, Append);
                break;
            case JinjaDict dict:
                AppendAll('{', '}', [.. _sortKeys ? dict.Entries.OrderBy(entry => KeyText(entry.Key), StringComparer.Ordinal) : dict.Entries], AppendEntry);
                break;
            default:
                throw new EvaluationException($"{TypeNames.Of(value)} has no JSON form");
        }
    }

    private void AppendAll<T>(char open, char close, IReadOnlyList<T> items, Action<T> append)
    {
        _budget.Enter();
        _level++;
        _text.Append(open);
        for (int i = 0; i < items.Count; i++)
        {
            _text.Append(i > 0 ? _itemSeparator : "");
            AppendLineBreak();
            append(items[i]);
        }
        _level--;
        if (items.Count > 0)
        {
            AppendLineBreak();
        }
        _text.Append(close);
        _budget.Leave();
    }

    private void AppendEntry(KeyValuePair<object, object?> entry)
    {
        AppendString(KeyText(entry.Key));
        _text.Append(_keySeparator);
        Append(entry.Value);
    }

    private static string KeyText(object key) => key as string ?? ((long)key).ToString(CultureInfo.InvariantCulture);

    private void AppendLineBreak()
    {
        if (_indent is null)
        {
            return;
        }
        _text.Append('\n');
        for (int i = 0; i < _level; i++)
        {
            _text.Append(_indent);
        }
    }

    private void AppendString(string value)
    {
        _text.Append('"');
        foreach (char character in value)
        {
            _ = character switch
            {
                '"' => _text.Append("\\\""),
                '\\' => _text.Append(@"\\"),
                '\n' => _text.Append(@"\n"),
                '\r' => _text.Append(@"\r"),
                '\t' => _text.Append(@"\t"),
                '\b' => _text.Append(@"\b"),
                '\f' => _text.Append(@"\f"),
                < ' ' => AppendEscape(character),
                >= '\x7f' when _asciiOnly => AppendEscape(character),
                _ => _text.Append(character),
            };
        }
        _text.Append('"');
    }

    private StringBuilder AppendEscape(char character) => _text.Append(CultureInfo.InvariantCulture, $@"\u{(int)character:x4}");
}
