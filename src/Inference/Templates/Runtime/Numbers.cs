using System.Globalization;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Numbers as Python has them; booleans count as 0 and 1, integers have 64 bits.</summary>
internal static class Numbers
{
    /// <summary>The value of a number or boolean.</summary>
    public static bool TryGet(object? value, out double number)
    {
        number = value switch { long integer => integer, double real => real, bool flag => flag ? 1 : 0, _ => 0 };
        return value is long or double or bool;
    }

    /// <summary>The value of an integer or boolean.</summary>
    public static long ToInteger(object? value) => value is bool flag ? (flag ? 1 : 0) : (long)value!;

    /// <summary>A float as Python writes it: shortest digits that read back the same, exponents from 1e16 and below 1e-4.</summary>
    public static string ToText(double number)
    {
        if (!double.IsFinite(number))
        {
            return double.IsNaN(number) ? "nan" : number > 0 ? "inf" : "-inf";
        }
        (string digits, int exponent) = ShortestDigits(Math.Abs(number));
        string text = exponent is >= 16 or < -4
            ? string.Create(CultureInfo.InvariantCulture, $"{Point(digits, 1).TrimEnd('0').TrimEnd('.')}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}")
            : exponent < 0 ? $"0.{new string('0', -exponent - 1)}{digits}" : Point(digits, exponent + 1);
        return double.IsNegative(number) ? $"-{text}" : text;
    }

    /// <summary>An integer or float by Python's rules; blanks around it are allowed.</summary>
    public static object? Parse(string text)
    {
        string trimmed = text.Trim();
        if (long.TryParse(trimmed, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer))
        {
            return integer;
        }
        return double.TryParse(trimmed, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out double number)
            ? number
            : null;
    }

    // The significant digits and the power of ten of the first one.
    private static (string Digits, int Exponent) ShortestDigits(double number)
    {
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        int mark = text.IndexOf('E');
        int power = mark < 0 ? 0 : int.Parse(text.AsSpan(mark + 1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture);
        string mantissa = mark < 0 ? text : text[..mark];
        int point = mantissa.Contains('.') ? mantissa.IndexOf('.') : mantissa.Length;
        string all = mantissa.Replace(".", "", StringComparison.Ordinal);
        string significant = all.TrimStart('0');
        return significant.Length == 0 ? ("0", 0) : (significant.TrimEnd('0'), power + point - 1 - (all.Length - significant.Length));
    }

    // Digits with a decimal point after the first few, and at least one digit after the point.
    private static string Point(string digits, int before)
    {
        string padded = digits.PadRight(before + 1, '0');
        return $"{padded[..before]}.{padded[before..]}";
    }
}
