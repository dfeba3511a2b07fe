using System.Buffers.Binary;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Damages bytes: flips, cuts, copies, and numbers that are too large, too small or not numbers.</summary>
internal static class FuzzBytes
{
    private static readonly ulong[] Numbers =
    [
        0, 1, 2, 3, 31, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 1UL << 40, 1UL << 62, long.MaxValue,
        1UL << 63, ulong.MaxValue - 31, ulong.MaxValue, 0x7FC00000, 0x7F800000, 0x7E007E007E007E00, 0x7C007C00FC00FC00,
    ];

    /// <summary>One to four changes, most of them near the beginning, where headers are.</summary>
    public static byte[] Damage(byte[] whole, Random random)
    {
        byte[] bytes = [.. whole];
        for (int changes = random.Next(2) == 0 ? 1 : random.Next(2, 5); changes > 0 && bytes.Length > 0; changes--)
        {
            bytes = Change(bytes, random);
        }
        return bytes;
    }

    private static byte[] Change(byte[] bytes, Random random)
    {
        int at = Position(bytes.Length, random);
        switch (random.Next(8))
        {
            case 0 or 1:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 2:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 3:
                return bytes[..at];
            case 4:
                return [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 64))..]];
            case 5:
                int from = Position(bytes.Length, random);
                return [.. bytes[..at], .. bytes[from..Math.Min(bytes.Length, from + random.Next(1, 256))], .. bytes[at..]];
            default:
                Span<byte> number = stackalloc byte[sizeof(ulong)];
                BinaryPrimitives.WriteUInt64LittleEndian(number, Numbers[random.Next(Numbers.Length)]);
                Span<byte> target = bytes.AsSpan(at, Math.Min(bytes.Length - at, 1 << random.Next(1, 4)));
                number[..target.Length].CopyTo(target);
                return bytes;
        }
    }

    // A quarter of the changes are in the first thousand bytes, a quarter in the first eighth, the others anywhere.
    private static int Position(int length, Random random) => random.Next(4) switch
    {
        0 => random.Next(Math.Min(length, 1024)),
        1 => random.Next(Math.Max(1, length / 8)),
        _ => random.Next(length),
    };
}
