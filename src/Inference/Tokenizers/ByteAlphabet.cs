namespace Winnow.Inference.Tokenizers;

/// <summary>
/// GPT-2's table between bytes and printable characters: the printable bytes of Latin-1 stand for themselves, the others are
/// numbered from U+0100 in byte order.
/// </summary>
internal static class ByteAlphabet
{
    private const int FirstSpare = 0x100;

    private static readonly char[] CharacterOfByte = BuildCharacters();
    private static readonly short[] ByteOfCharacter = BuildBytes();

    /// <summary>The character that stands for a byte.</summary>
    public static char ToCharacter(byte value) => CharacterOfByte[value];

    /// <summary>The byte that a character stands for, if it is one of the 256.</summary>
    public static bool TryToByte(char character, out byte value)
    {
        int found = character < ByteOfCharacter.Length ? ByteOfCharacter[character] : -1;
        value = (byte)found;
        return found >= 0;
    }

    private static char[] BuildCharacters()
    {
        char[] characters = new char[256];
        int spare = FirstSpare;
        for (int value = 0; value < characters.Length; value++)
        {
            bool printable = value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);
            characters[value] = printable ? (char)value : (char)spare++;
        }
        return characters;
    }

    private static short[] BuildBytes()
    {
        short[] bytes = new short[CharacterOfByte.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (int value = 0; value < CharacterOfByte.Length; value++)
        {
            bytes[CharacterOfByte[value]] = (short)value;
        }
        return bytes;
    }
}
