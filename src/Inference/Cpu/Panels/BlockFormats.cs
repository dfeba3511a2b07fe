using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Q4_0: half scale, 16 bytes of nibbles; byte j holds inputs j and j + 16.</summary>
internal readonly unsafe struct Q4Format : IBlockFormat
{
    public static int Offset => 8;

    public static bool HasMinimum => false;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes) => FileBits.CopyNibbles(block + 2, codes);
}

/// <summary>Q4_1: half scale, half minimum, nibbles as Q4_0.</summary>
internal readonly unsafe struct Q4MinimumFormat : IBlockFormat
{
    public static int Offset => 0;

    public static bool HasMinimum => true;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes) => FileBits.CopyNibbles(block + 4, codes);
}

/// <summary>Q5_0: half scale, 32 fifth bits, nibbles as Q4_0.</summary>
internal readonly unsafe struct Q5Format : IBlockFormat
{
    public static int Offset => 16;

    public static bool HasMinimum => false;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes)
    {
        FileBits.CopyNibbles(block + 6, codes);
        FileBits.MergeFifthBits(block + 2, codes);
    }
}

/// <summary>Q5_1: half scale, half minimum, 32 fifth bits, nibbles as Q4_0.</summary>
internal readonly unsafe struct Q5MinimumFormat : IBlockFormat
{
    public static int Offset => 0;

    public static bool HasMinimum => true;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes)
    {
        FileBits.CopyNibbles(block + 8, codes);
        FileBits.MergeFifthBits(block + 4, codes);
    }
}

/// <summary>Q8_0: half scale, 32 signed bytes, which become unsigned by 128.</summary>
internal readonly unsafe struct Q8Format : IBlockFormat
{
    public static int Offset => 128;

    public static bool HasMinimum => false;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes)
    {
        Vector128<byte> sign = Vector128.Create((byte)128);
        (Vector128.Load(block + 2) ^ sign).Store(codes);
        (Vector128.Load(block + 18) ^ sign).Store(codes + 16);
    }
}

/// <summary>IQ4_NL: half scale, nibbles as Q4_0 that name values of a codebook.</summary>
internal readonly unsafe struct CodebookFormat : IBlockFormat
{
    public static int Offset => CodebookPlanes.Offset;

    public static bool HasMinimum => false;

    public static bool HasExponent => false;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes) => FileBits.CopyNibbles(block + 2, codes);
}

/// <summary>MXFP4: an exponent byte, nibbles as Q4_0 that are 4-bit floats.</summary>
internal readonly unsafe struct MicroFloatFormat : IBlockFormat
{
    public static int Offset => MicroFloatPlanes.Offset;

    public static bool HasMinimum => false;

    public static bool HasExponent => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ReadCodes(byte* block, byte* codes) => FileBits.CopyNibbles(block + 1, codes);
}
