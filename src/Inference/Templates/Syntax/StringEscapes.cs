using System.Globalization;
using System.Text;

namespace Winnow.Inference.Templates.Syntax;

/// <summary>Escapes of string literals, as Python resolves them; an unknown escape stays as it is written.</summary>
internal static class StringEscapes
{
    /// <summary>The value of a literal.</summary>
    /// <exception cref="TemplateException">A numeric escape is incomplete or no code point.</exception>
    public static string Resolve(ReadOnlySpan<char> literal, int line)
    {
        if (!literal.Contains('\\'))
        {
            return literal.ToString();
        }
        StringBuilder value = new(literal.Length);
        for (int at = 0; at < literal.Length; at++)
        {
            if (literal[at] != '\\' || at + 1 == literal.Length)
            {
                value.Append(literal[at]);
                continue;
            }
            at++;
            at += Append(value, literal[at..], line);
        }
        return value.ToString();
    }

    // Appends the escape whose letter is first and answers with how many characters follow the letter.
    private static int Append(StringBuilder value, ReadOnlySpan<char> escape, int line)
    {
        switch (escape[0])
        {
            case '\n':
                return 0;
            case 'x':
                return AppendHex(value, escape, 2, line);
            case 'u':
                return AppendHex(value, escape, 4, line);
            case 'U':
                return AppendHex(value, escape, 8, line);
            case >= '0' and <= '7':
                return AppendOctal(value, escape);
            default:
                _ = Simple(escape[0]) is char simple ? value.Append(simple) : value.Append('\\').Append(escape[0]);
                return 0;
        }
    }

    private static char? Simple(char letter) => letter switch
    {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\b',
        'f' => '\f',
        'v' => '\v',
        'a' => '\a',
        '\\' or '\'' or '"' => letter,
        _ => null,
    };

    private static int AppendHex(StringBuilder value, ReadOnlySpan<char> escape, int digits, int line)
    {
        if (escape.Length <= digits
            || !uint.TryParse(escape.Slice(1, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint code)
            || code > 0x10FFFF)
        {
            throw new TemplateException(line, $"the escape '\\{escape[0]}' needs {digits} hexadecimal digits of a code point");
        }
        _ = code <= char.MaxValue ? value.Append((char)code) : value.Append(new Rune(code).ToString());
        return digits;
    }

    private static int AppendOctal(StringBuilder value, ReadOnlySpan<char> escape)
    {
        int code = 0;
        int length = 0;
        while (length < 3 && length < escape.Length && escape[length] is >= '0' and <= '7')
        {
            code = (8 * code) + (escape[length++] - '0');
        }
        value.Append((char)code);
        return length - 1;
    }
}
