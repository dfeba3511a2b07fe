using System.Globalization;
using System.Text;

namespace Grpc.Protocol;

/// <summary>The encoding of <c>grpc-message</c>: UTF-8, all bytes but printable ASCII without '%' as %XX.</summary>
internal static class PercentEncoding
{
    /// <summary>Encodes a text for the header.</summary>
    public static string Encode(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~') && !text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var encoded = new StringBuilder(text.Length + 16);
        foreach (byte b in Encoding.UTF8.GetBytes(text))
        {
            if (b is >= (byte)' ' and <= (byte)'~' and not (byte)'%')
            {
                encoded.Append((char)b);
            }
            else
            {
                encoded.Append('%').Append(b.ToString("X2", CultureInfo.InvariantCulture));
            }
        }

        return encoded.ToString();
    }

    /// <summary>Decodes a header. A '%' without two hexadecimal digits stands for itself, as the protocol asks.</summary>
    public static string Decode(string header)
    {
        if (!header.Contains('%', StringComparison.Ordinal))
        {
            return header;
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(header);
        int length = 0;
        for (int i = 0; i < utf8.Length; i++)
        {
            byte b = utf8[i];
            if (b == '%' && i + 2 < utf8.Length && byte.TryParse(utf8.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out byte value))
            {
                b = value;
                i += 2;
            }

            utf8[length++] = b;
        }

        return Encoding.UTF8.GetString(utf8, 0, length);
    }
}
