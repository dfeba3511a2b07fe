using System.Buffers.Binary;
using Winnow.Inference.Files;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>
/// An independent decoder, written from the descriptions of the formats: what one element of a block is, by its index alone, in doubles.
/// </summary>
internal static class WeightDecoder
{
    private static readonly int[] Codebook = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
    private static readonly double[] MicroFloats = [0, 0.5, 1, 1.5, 2, 3, 4, 6];

    public static GgmlType[] AllTypes =>
    [
        GgmlType.F32, GgmlType.F16, GgmlType.BF16, GgmlType.Q4_0, GgmlType.Q4_1, GgmlType.Q5_0, GgmlType.Q5_1, GgmlType.Q8_0,
        GgmlType.Q2_K, GgmlType.Q3_K, GgmlType.Q4_K, GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.IQ4_NL, GgmlType.IQ4_XS, GgmlType.MXFP4,
    ];

    public static double[] Row(GgmlType type, ReadOnlySpan<byte> row)
    {
        List<double> values = [];
        for (int at = 0; at < row.Length; at += type.BlockBytes())
        {
            byte[] block = row.Slice(at, type.BlockBytes()).ToArray();
            values.AddRange(Enumerable.Range(0, type.BlockElements()).Select(i => Element(type, block, i)));
        }
        return [.. values];
    }

    private static double Element(GgmlType type, byte[] b, int i) => type switch
    {
        GgmlType.F32 => BinaryPrimitives.ReadSingleLittleEndian(b),
        GgmlType.F16 => Half(b, 0),
        GgmlType.BF16 => BitConverter.Int32BitsToSingle(BinaryPrimitives.ReadUInt16LittleEndian(b) << 16),
        GgmlType.Q4_0 => Half(b, 0) * (Nibble(b, 2, i) - 8),
        GgmlType.Q4_1 => (Half(b, 0) * Nibble(b, 4, i)) + Half(b, 2),
        GgmlType.Q5_0 => Half(b, 0) * (Nibble(b, 6, i) + (16 * Bit(b[2 + (i / 8)], i % 8)) - 16),
        GgmlType.Q5_1 => (Half(b, 0) * (Nibble(b, 8, i) + (16 * Bit(b[4 + (i / 8)], i % 8)))) + Half(b, 2),
        GgmlType.Q8_0 => Half(b, 0) * (sbyte)b[2 + i],
        GgmlType.IQ4_NL => Half(b, 0) * Codebook[Nibble(b, 2, i)],
        GgmlType.MXFP4 => Math.Pow(2, b[0] - 127) * MicroFloat(Nibble(b, 1, i)),
        GgmlType.Q2_K => Q2(b, i),
        GgmlType.Q3_K => Q3(b, i),
        GgmlType.Q4_K => Q4Or5(b, i, bits: null, codesAt: 16),
        GgmlType.Q5_K => Q4Or5(b, i, bits: 16, codesAt: 48),
        GgmlType.Q6_K => Q6(b, i),
        GgmlType.IQ4_XS => CodebookSuper(b, i),
        _ => throw new ArgumentOutOfRangeException(nameof(type)),
    };

    private static double Half(byte[] b, int at) => (double)BinaryPrimitives.ReadHalfLittleEndian(b.AsSpan(at));

    private static int Bit(int value, int index) => (value >> index) & 1;

    // 16 bytes hold 32 nibbles: the low ones first, then the high ones.
    private static int Nibble(byte[] b, int at, int i) => i < 16 ? b[at + i] % 16 : b[at + i - 16] / 16;

    private static double MicroFloat(int nibble) => nibble < 8 ? MicroFloats[nibble] : -MicroFloats[nibble - 8];

    // Two-bit codes: each half of the super-block has 32 bytes, whose four fields are 32 inputs each.
    private static int Pair(byte[] b, int at, int i) => (b[at + (i / 128 * 32) + (i % 32)] >> (i % 128 / 32 * 2)) & 3;

    private static double Q2(byte[] b, int i) => (Half(b, 80) * (b[i / 16] % 16) * Pair(b, 16, i)) - (Half(b, 82) * (b[i / 16] / 16));

    private static double Q3(byte[] b, int i)
    {
        int sub = i / 16;
        int low = sub < 8 ? b[96 + sub] % 16 : b[96 + sub - 8] / 16;
        int high = (b[104 + (sub % 4)] >> (sub / 4 * 2)) & 3;
        int code = Pair(b, 32, i) - (Bit(b[i % 32], i / 32) == 1 ? 0 : 4);
        return Half(b, 108) * (low + (16 * high) - 32) * code;
    }

    // Four-bit codes: each quarter has 32 bytes, low nibbles for the first 32 inputs and high nibbles for the next.
    private static double Q4Or5(byte[] b, int i, int? bits, int codesAt)
    {
        int sub = i / 32;
        int packed = b[codesAt + (i / 64 * 32) + (i % 32)];
        int code = sub % 2 == 0 ? packed % 16 : packed / 16;
        code += bits is { } at ? 16 * Bit(b[at + (i % 32)], sub) : 0;
        int scale = sub < 4 ? b[4 + sub] % 64 : (b[8 + sub] % 16) + (b[sub] / 64 * 16);
        int minimum = sub < 4 ? b[8 + sub] % 64 : (b[8 + sub] / 16) + (b[4 + sub] / 64 * 16);
        return (Half(b, 0) * scale * code) - (Half(b, 2) * minimum);
    }

    private static double Q6(byte[] b, int i)
    {
        int half = i / 128;
        int packed = b[(half * 64) + (i % 64)];
        int low = i % 128 < 64 ? packed % 16 : packed / 16;
        return Half(b, 208) * (sbyte)b[192 + (i / 16)] * (low + (16 * Pair(b, 128, i)) - 32);
    }

    private static double CodebookSuper(byte[] b, int i)
    {
        int sub = i / 32;
        int low = sub % 2 == 0 ? b[4 + (sub / 2)] % 16 : b[4 + (sub / 2)] / 16;
        int high = (BinaryPrimitives.ReadUInt16LittleEndian(b.AsSpan(2)) >> (2 * sub)) & 3;
        return Half(b, 0) * (low + (16 * high) - 32) * Codebook[Nibble(b, 8 + (sub * 16), i % 32)];
    }
}
