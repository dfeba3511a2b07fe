using System.Buffers.Binary;
using Winnow.Inference.Files;

namespace Winnow.Kernels.Suite;

/// <summary>What a unit of weights and a unit of codes give: exact integers and their factors.</summary>
internal readonly record struct UnitTerms(int Integer, int Minima, float Factor, float MinimumFactor)
{
    /// <summary>Computes them code by code from a file's block.</summary>
    public static UnitTerms Of(GgmlType type, ReadOnlySpan<byte> block, ReadOnlySpan<sbyte> codes)
    {
        int integer = 0;
        int minima = 0;
        for (int i = 0; i < codes.Length; i++)
        {
            integer += Weight(type, block, i) * codes[i];
            minima += type == GgmlType.Q4_K ? Minimum(block, i / 32) * codes[i] : 0;
        }
        int at = type == GgmlType.Q6_K ? 208 : 0;
        float minimumFactor = type == GgmlType.Q4_K ? (float)BinaryPrimitives.ReadHalfLittleEndian(block[2..]) : 0f;
        return new UnitTerms(integer, minima, (float)BinaryPrimitives.ReadHalfLittleEndian(block[at..]), minimumFactor);
    }

    private static int Weight(GgmlType type, ReadOnlySpan<byte> block, int i) => type switch
    {
        GgmlType.Q4_0 => ((block[2 + (i % 16)] >> (i / 16 * 4)) & 15) - 8,
        GgmlType.Q8_0 => (sbyte)block[2 + i],
        GgmlType.Q4_K => Scale(block, i / 32) * ((block[16 + (i / 64 * 32) + (i % 32)] >> (i / 32 % 2 * 4)) & 15),
        _ => (sbyte)block[192 + (i / 16)] * (SixBits(block, i) - 32),
    };

    private static int SixBits(ReadOnlySpan<byte> block, int i)
    {
        int part = i / 32 % 4;
        int low = (block[(i / 128 * 64) + (part % 2 * 32) + (i % 32)] >> (part / 2 * 4)) & 15;
        return low | (((block[128 + (i / 128 * 32) + (i % 32)] >> (2 * part)) & 3) << 4);
    }

    // Six bits each: of the first four as they are, of the last four a nibble with the top pair of the byte four before.
    private static int Scale(ReadOnlySpan<byte> block, int sub) =>
        sub < 4 ? block[4 + sub] & 63 : (block[8 + sub] & 15) | (block[sub] >> 6 << 4);

    private static int Minimum(ReadOnlySpan<byte> block, int sub) =>
        sub < 4 ? block[8 + sub] & 63 : (block[8 + sub] >> 4) | (block[4 + sub] >> 6 << 4);
}
