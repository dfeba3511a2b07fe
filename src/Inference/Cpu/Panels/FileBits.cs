using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Takes fields out of packed bytes, sixteen bytes at a time.</summary>
internal static unsafe class FileBits
{
    private const ulong EveryByte = 0x0101010101010101;

    /// <summary>Writes <c>(source >> shift) &amp; mask</c> of <paramref name="count"/> bytes, a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Copy(byte* source, int shift, byte mask, byte* codes, int count)
    {
        for (int i = 0; i < count; i += Vector128<byte>.Count)
        {
            Field(source + i, shift, mask).Store(codes + i);
        }
    }

    /// <summary>Adds <c>((source >> shift) &amp; mask) &lt;&lt; to</c> to 32 codes that do not have these bits yet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Merge(byte* source, int shift, byte mask, int to, byte* codes)
    {
        for (int i = 0; i < PanelFormats.BlockElements; i += Vector128<byte>.Count)
        {
            (Vector128.Load(codes + i) | (Field(source + i, shift, mask).AsUInt64() << to).AsByte()).Store(codes + i);
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

    // Bits that a shift moves from one byte to the next are masked away.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Field(byte* source, int shift, byte mask) =>
        (Vector128.Load((ulong*)source) >> shift).AsByte() & Vector128.Create(mask);
}
