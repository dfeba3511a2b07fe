using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Takes fields out of packed bytes, eight bytes at a time.</summary>
internal static unsafe class FileBits
{
    private const ulong EveryByte = 0x0101010101010101;

    /// <summary>Writes <c>(source >> shift) &amp; mask</c> of <paramref name="count"/> bytes, a multiple of 8.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, int shift, byte mask, byte* codes, int count)
    {
        ulong wide = mask * EveryByte;
        for (int i = 0; i < count; i += 8)
        {
            *(ulong*)(codes + i) = (*(ulong*)(source + i) >> shift) & wide;
        }
    }

    /// <summary>Adds <c>((source >> shift) &amp; mask) &lt;&lt; to</c> to 32 codes that do not have these bits yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Merge(byte* source, int shift, byte mask, int to, byte* codes)
    {
        ulong wide = mask * EveryByte;
        for (int i = 0; i < PanelFormats.BlockElements; i += 8)
        {
            *(ulong*)(codes + i) |= ((*(ulong*)(source + i) >> shift) & wide) << to;
        }
    }

    /// <summary>Writes 16 bytes' low nibbles as codes 0 to 15, their high nibbles as codes 16 to 31.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void CopyNibbles(byte* source, byte* codes)
    {
        Copy(source, 0, 15, codes, 16);
        Copy(source, 4, 15, codes + 16, 16);
    }

    /// <summary>Adds bit k of 32 bits as bit 4 of code k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MergeFifthBits(byte* bits, byte* codes)
    {
        for (int i = 0; i < 4; i++)
        {
            // Byte j keeps bit j of bits[i]; adding 127 carries it into the byte's top bit.
            ulong spread = (bits[i] * EveryByte) & 0x8040201008040201;
            *(ulong*)(codes + (i * 8)) |= ((spread + (0x7F * EveryByte)) & (0x80 * EveryByte)) >> 3;
        }
    }
}
