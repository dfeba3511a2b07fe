namespace Winnow.Inference.Drafting.CrossVocabulary;

/// <summary>Where UTF-8 text ends in the middle of a code point.</summary>
internal static class Utf8Ends
{
    /// <summary>Bytes at the end that begin a code point whose other bytes are yet to come, 0 to 3.</summary>
    public static int IncompleteLength(ReadOnlySpan<byte> text)
    {
        for (int back = 1; back <= Math.Min(3, text.Length); back++)
        {
            byte value = text[^back];
            if ((value & 0xC0) == 0x80)
            {
                continue;
            }
            int wanted = value switch
            {
                >= 0xC2 and < 0xE0 => 2,
                >= 0xE0 and < 0xF0 => 3,
                >= 0xF0 and < 0xF5 => 4,
                _ => 1,
            };
            return wanted > back ? back : 0;
        }
        return 0;
    }
}
