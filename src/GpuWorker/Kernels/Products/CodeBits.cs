using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Takes codes out of packed bytes, four at a time.</summary>
internal static class CodeBits
{
    private const int LowNibbles = 0x0F0F0F0F;
    private const int TopBits = unchecked((int)0x80808080);

    /// <summary>Low nibbles of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Low(Quad q) => new(q.X & LowNibbles, q.Y & LowNibbles, q.Z & LowNibbles, q.W & LowNibbles);

    /// <summary>High nibbles of 16 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad High(Quad q) =>
        new((q.X >> 4) & LowNibbles, (q.Y >> 4) & LowNibbles, (q.Z >> 4) & LowNibbles, (q.W >> 4) & LowNibbles);

    /// <summary>16 codes below 128, less an offset that all bytes of <paramref name="offsets"/> hold, as signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Less(Quad codes, int offsets) =>
        new(Less(codes.X, offsets), Less(codes.Y, offsets), Less(codes.Z, offsets), Less(codes.W, offsets));

    /// <summary>Nibbles with pairs above them: <c>nibble | ((pairs >> shift) &amp; 3) &lt;&lt; 4</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad WithPairs(Quad nibbles, Quad pairs, int shift) => new(
        nibbles.X | ((pairs.X >> shift << 4) & 0x30303030),
        nibbles.Y | ((pairs.Y >> shift << 4) & 0x30303030),
        nibbles.Z | ((pairs.Z >> shift << 4) & 0x30303030),
        nibbles.W | ((pairs.W >> shift << 4) & 0x30303030));

    /// <summary>Byte i of 16, with its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int SignedByte(Quad q, int i) => Word(q, i >> 2) << (24 - ((i & 3) * 8)) >> 24;

    /// <summary>16-bit integer i of eight, with its sign.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Short(Quad q, int i) => Word(q, i >> 1) << (16 - ((i & 1) * 16)) >> 16;

    // The bit above keeps a byte's difference from borrowing of its neighbour.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Less(int codes, int offsets) => ((codes | TopBits) - offsets) ^ TopBits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Word(Quad q, int i)
    {
        int low = (i & 1) == 0 ? q.X : q.Y;
        int high = (i & 1) == 0 ? q.Z : q.W;
        return (i & 2) == 0 ? low : high;
    }
}
