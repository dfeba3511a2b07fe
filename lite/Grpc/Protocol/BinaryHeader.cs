namespace Grpc.Protocol;

/// <summary>The value of a <c>-bin</c> header: base64, sent without padding, read with or without it.</summary>
internal static class BinaryHeader
{
    /// <summary>Encodes bytes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=');

    /// <summary>Decodes one value.</summary>
    /// <returns>False when the text is not base64.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, out byte[] bytes)
    {
        text = text.Trim().TrimEnd('=');
        int paddedLength = (text.Length + 3) & ~3;
        char[] padded = new char[paddedLength];
        text.CopyTo(padded);
        padded.AsSpan(text.Length).Fill('=');
        bytes = new byte[paddedLength / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded, bytes, out int written))
        {
            return false;
        }

        Array.Resize(ref bytes, written);
        return true;
    }
}
