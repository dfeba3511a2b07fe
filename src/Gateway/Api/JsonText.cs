using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Winnow.Gateway.Api;

/// <summary>Checks what JSON readers leave unchecked until a string is read.</summary>
internal static class JsonText
{
    private const int EscapeLength = 6;

    /// <summary>All text of a JSON value is Unicode: valid UTF-8, and every surrogate in a <c>\u</c> escape is one of a pair.</summary>
    /// <param name="json">A value that has been parsed already.</param>
    /// <exception cref="JsonException">It is not.</exception>
    public static void RequireUnicode(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
        {
            throw new JsonException("It holds bytes that are not UTF-8.");
        }
        bool highBefore = false;
        while (json.IndexOf((byte)'\\') is var at && (at >= 0 || highBefore))
        {
            // Backslashes are found in strings only, and what follows them has been parsed.
            bool isUnit = at >= 0 && json[at + 1] == (byte)'u';
            int unit = isUnit ? ushort.Parse(json.Slice(at + 2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : 0;
            if (highBefore ? at != 0 || !char.IsLowSurrogate((char)unit) : char.IsLowSurrogate((char)unit))
            {
                throw new JsonException("It holds half of a surrogate pair in a '\\u' escape.");
            }
            highBefore = char.IsHighSurrogate((char)unit);
            json = json[(at + (isUnit ? EscapeLength : 2))..];
        }
    }
}
