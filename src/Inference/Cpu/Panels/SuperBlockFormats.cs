using System.Runtime.CompilerServices;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Q2_K: 16 bytes of scale and minimum nibbles, 64 bytes of codes (four runs of 32 inputs share 32 bytes), d, dmin.</summary>
internal readonly unsafe struct Q2SuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 16;

    public static int Offset => 0;

    public static bool HasMinimum => true;

    public static bool HasNibbleScales => true;

    public static int ScaleAt => 80;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes) =>
        FileBits.Copy(block + 16 + (part / 4 * 32), part % 4 * 2, 3, codes, 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima)
    {
        FileBits.Copy(block, 0, 15, (byte*)scales, 16);
        FileBits.Copy(block, 4, 15, minima, 16);
    }
}

/// <summary>Q3_K: 32 bytes of third bits, 64 bytes of low pairs as Q2_K, 16 scales of 6 bits minus 32 in 12 bytes, d.</summary>
internal readonly unsafe struct Q3SuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 16;

    public static int Offset => 4;

    public static bool HasMinimum => false;

    public static bool HasNibbleScales => false;

    public static int ScaleAt => 108;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes)
    {
        FileBits.Copy(block + 32 + (part / 4 * 32), part % 4 * 2, 3, codes, 32);
        FileBits.Merge(block, part, 1, 2, codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima)
    {
        byte* packed = block + 96;
        for (int i = 0; i < 16; i++)
        {
            int low = (packed[i % 8] >> (i / 8 * 4)) & 15;
            int high = (packed[8 + (i % 4)] >> (i / 4 * 2)) & 3;
            scales[i] = (sbyte)((low | (high << 4)) - 32);
        }
    }
}

/// <summary>Q4_K: d, dmin, 8 scales and minima of 6 bits in 12 bytes, 128 bytes of nibbles (two runs of 32 inputs share 32 bytes).</summary>
internal readonly unsafe struct Q4SuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 32;

    public static int Offset => 0;

    public static bool HasMinimum => true;

    public static bool HasNibbleScales => false;

    public static int ScaleAt => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes) =>
        FileBits.Copy(block + 16 + (part / 2 * 32), part % 2 * 4, 15, codes, 32);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima)
    {
        // Four bytes at a time: low six bits of the first four, then low nibbles of the last bytes below top pairs of the first.
        uint* packed = (uint*)(block + 4);
        uint low = packed[2];
        *(uint*)scales = packed[0] & 0x3F3F3F3F;
        *(uint*)minima = packed[1] & 0x3F3F3F3F;
        ((uint*)scales)[1] = (low & 0x0F0F0F0F) | ((packed[0] >> 2) & 0x30303030);
        ((uint*)minima)[1] = ((low >> 4) & 0x0F0F0F0F) | ((packed[1] >> 2) & 0x30303030);
    }
}

/// <summary>Q5_K: d, dmin, scales and minima as Q4_K, 32 bytes of fifth bits, 128 bytes of nibbles as Q4_K.</summary>
internal readonly unsafe struct Q5SuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 32;

    public static int Offset => 0;

    public static bool HasMinimum => true;

    public static bool HasNibbleScales => false;

    public static int ScaleAt => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes)
    {
        FileBits.Copy(block + 48 + (part / 2 * 32), part % 2 * 4, 15, codes, 32);
        FileBits.Merge(block + 16, part, 1, 4, codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima) => Q4SuperFormat.ReadScales(block, scales, minima);
}

/// <summary>
/// Q6_K: 128 bytes of low nibbles (runs of 32 inputs: 0 and 2 share 32 bytes, 1 and 3, 4 and 6, 5 and 7), 64 bytes of high pairs as Q2_K's codes,
/// 16 signed scales, d.
/// </summary>
internal readonly unsafe struct Q6SuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 16;

    public static int Offset => 32;

    public static bool HasMinimum => false;

    public static bool HasNibbleScales => false;

    public static int ScaleAt => 208;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes)
    {
        FileBits.Copy(block + (part / 4 * 64) + (part % 2 * 32), part / 2 % 2 * 4, 15, codes, 32);
        FileBits.Merge(block + 128 + (part / 4 * 32), part % 4 * 2, 3, 4, codes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima) => Buffer.MemoryCopy(block + 192, scales, 16, 16);
}

/// <summary>IQ4_XS: d, 8 scales of 6 bits minus 32 (high pairs in 2 bytes, low nibbles in 4), nibbles of 32 inputs in 16 bytes as IQ4_NL.</summary>
internal readonly unsafe struct CodebookSuperFormat : ISuperBlockFormat
{
    public static int SubBlock => 32;

    public static int Offset => CodebookPlanes.Offset;

    public static bool HasMinimum => false;

    public static bool HasNibbleScales => false;

    public static int ScaleAt => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, int part, byte* codes) => FileBits.CopyNibbles(block + 8 + (part * 16), codes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadScales(byte* block, sbyte* scales, byte* minima)
    {
        int high = *(ushort*)(block + 2);
        for (int i = 0; i < 8; i++)
        {
            int low = (block[4 + (i / 2)] >> (i % 2 * 4)) & 15;
            scales[i] = (sbyte)((low | (((high >> (2 * i)) & 3) << 4)) - 32);
        }
    }
}
