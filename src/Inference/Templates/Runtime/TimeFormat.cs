using System.Globalization;
using System.Text;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Times by C's <c>strftime</c> directives, in the C locale.</summary>
internal static class TimeFormat
{
    /// <summary>A time in a format.</summary>
    /// <exception cref="EvaluationException">A directive is not known.</exception>
    public static string Format(DateTimeOffset time, string format)
    {
        StringBuilder text = new();
        for (int at = 0; at < format.Length; at++)
        {
            if (format[at] != '%' || at + 1 == format.Length)
            {
                text.Append(format[at]);
                continue;
            }
            bool unpadded = format[at + 1] == '-' && at + 2 < format.Length;
            at += unpadded ? 2 : 1;
            string part = Directive(time, format[at]);
            text.Append(unpadded && part.Length > 1 ? part[..^1].TrimStart('0') + part[^1] : part);
        }
        return text.ToString();
    }

    private static string Directive(DateTimeOffset time, char directive)
    {
        string? pattern = directive switch
        {
            'Y' => "yyyy",
            'y' => "yy",
            'm' => "MM",
            'd' => "dd",
            'B' => "MMMM",
            'b' or 'h' => "MMM",
            'A' => "dddd",
            'a' => "ddd",
            'H' => "HH",
            'I' => "hh",
            'M' => "mm",
            'S' => "ss",
            'p' => "tt",
            'f' => "ffffff",
            'F' => "yyyy-MM-dd",
            'T' or 'X' => "HH:mm:ss",
            'R' => "HH:mm",
            'D' or 'x' => "MM/dd/yy",
            _ => null,
        };
        return pattern is not null
            ? time.ToString(pattern, CultureInfo.InvariantCulture)
            : directive switch
            {
                '%' => "%",
                'n' => "\n",
                't' => "\t",
                'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
                'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
                'w' => ((int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
                'u' => (time.DayOfWeek == DayOfWeek.Sunday ? 7 : (int)time.DayOfWeek).ToString(CultureInfo.InvariantCulture),
                'z' => time.ToString("zzz", CultureInfo.InvariantCulture).Replace(":", "", StringComparison.Ordinal),
                'c' => $"{Directive(time, 'a')} {Directive(time, 'b')} {Directive(time, 'e')} {Directive(time, 'T')} {Directive(time, 'Y')}",
                _ => throw new EvaluationException($"'strftime_now' does not know '%{directive}'"),
            };
    }
}
