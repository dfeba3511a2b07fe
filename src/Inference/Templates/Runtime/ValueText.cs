using System.Globalization;
using System.Text;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Values as text, as Python's <c>str</c> and <c>repr</c> write them.</summary>
internal static class ValueText
{
    /// <summary>A value as text.</summary>
    public static string Of(RenderBudget budget, object? value) => value switch
    {
        string text => text,
        Undefined => "",
        _ => Write(budget, value),
    };

    /// <summary>A value that is printed: as <see cref="Of"/>, but none gives nothing.</summary>
    public static string Printed(RenderBudget budget, object? value) => value is null ? "" : Of(budget, value);

    private static string Write(RenderBudget budget, object? value)
    {
        StringBuilder text = new();
        Append(budget, text, value);
        return text.ToString();
    }

    private static void Append(RenderBudget budget, StringBuilder text, object? value)
    {
        budget.Step();
        budget.CheckLength(text.Length);
        switch (value)
        {
            case null:
                text.Append("None");
                break;
            case bool flag:
                text.Append(flag ? "True" : "False");
                break;
            case long number:
                text.Append(CultureInfo.InvariantCulture, $"{number}");
                break;
            case double number:
                text.Append(Numbers.ToText(number));
                break;
            case string inner:
                AppendQuoted(text, inner);
                break;
            case JinjaList list:
                AppendList(budget, text, list);
                break;
            case JinjaDict dict:
                AppendDict(budget, text, dict);
                break;
            default:
                text.Append(CultureInfo.InvariantCulture, $"<{TypeNames.Of(value)}>");
                break;
        }
    }

    private static void AppendList(RenderBudget budget, StringBuilder text, JinjaList list)
    {
        budget.Enter();
        text.Append(list.IsTuple ? '(' : '[');
        for (int i = 0; i < list.Items.Count; i++)
        {
            text.Append(i > 0 ? ", " : "");
            Append(budget, text, list.Items[i]);
        }
        text.Append(list.IsTuple && list.Items.Count == 1 ? "," : "").Append(list.IsTuple ? ')' : ']');
        budget.Leave();
    }

    private static void AppendDict(RenderBudget budget, StringBuilder text, JinjaDict dict)
    {
        budget.Enter();
        text.Append('{');
        bool first = true;
        foreach ((object key, object? value) in dict.Entries)
        {
            text.Append(first ? "" : ", ");
            first = false;
            Append(budget, text, key);
            text.Append(": ");
            Append(budget, text, value);
        }
        text.Append('}');
        budget.Leave();
    }

    private static void AppendQuoted(StringBuilder text, string value)
    {
        char quote = value.Contains('\'') && !value.Contains('"') ? '"' : '\'';
        text.Append(quote);
        foreach (char character in value)
        {
            _ = character switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '\r' => text.Append(@"\r"),
                '\t' => text.Append(@"\t"),
                _ when character == quote => text.Append('\\').Append(character),
                < ' ' or (>= '\x7f' and <= '\xa0') or '\xad' => text.Append(CultureInfo.InvariantCulture, $@"\x{(int)character:x2}"),
                _ => text.Append(character),
            };
        }
        text.Append(quote);
    }
}
