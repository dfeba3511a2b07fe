using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Winnow.Inference.Cpu.Panels;

/// <summary>Four bits: four nibble planes.</summary>
internal readonly unsafe struct NibblePlanes : ICodePlanes
{
    public static int Bytes => 256;

    public static int Most => 15;

    public static bool IsSplit => false;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes)
    {
        Vector128<uint> mask = Vector128.Create(0x0F0F0F0Fu);
        for (int plane = 0; plane < 4; plane++)
        {
            ((chunks[plane] & mask) | ((chunks[plane + 4] & mask) << 4)).Store((uint*)(planes + (plane * 64)));
        }
    }

    public static int At(byte* planes, int input) => (planes[(input / 4 % 4 * 64) + (input % 4)] >> (input / 16 * 4)) & 15;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        V plane = V.Load(planes + (step * 64));
        first = V.Right(plane, 0, 15);
        second = V.Right(plane, 4, 15);
        firstHigh = secondHigh = V.Zero;
    }
}

/// <summary>One bit: a plane that other planes are combined with.</summary>
internal static unsafe class BitPlane
{
    /// <summary>Puts bit <paramref name="from"/> of every code into the plane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, int from, byte* plane)
    {
        Vector128<uint> bits = Vector128<uint>.Zero;
        for (int chunk = 0; chunk < FourOutputs.Chunks; chunk++)
        {
            bits |= ((chunks[chunk] >> from) & Vector128.Create(0x01010101u)) << chunk;
        }
        bits.Store((uint*)plane);
    }

    /// <summary>The bit of one input.</summary>
    public static int At(byte* plane, int input) => (plane[input % 4] >> (input / 4)) & 1;

    /// <summary>A chunk's bits, moved to bit <paramref name="to"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Chunk<V>(V plane, int chunk, int to)
        where V : unmanaged, IPanelVector<V> =>
        chunk <= to ? V.Left(plane, to - chunk, (byte)(1 << to)) : V.Right(plane, chunk - to, (byte)(1 << to));
}

/// <summary>Two bits: two pair planes.</summary>
internal readonly unsafe struct PairPlanes : ICodePlanes
{
    public static int Bytes => 128;

    public static int Most => 3;

    public static bool IsSplit => false;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes) => Pack(chunks, 0, planes);

    public static int At(byte* planes, int input)
    {
        int chunk = input / 4;
        return (planes[(chunk % 2 * 64) + (input % 4)] >> (chunk / 2 * 2)) & 3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        V plane = V.Load(planes + (step % 2 * 64));
        first = V.Right(plane, step / 2 * 2, 3);
        second = V.Right(plane, (step / 2 * 2) + 4, 3);
        firstHigh = secondHigh = V.Zero;
    }

    /// <summary>Puts bits <paramref name="from"/> and <paramref name="from"/> + 1 of every code into the planes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, int from, byte* planes)
    {
        for (int plane = 0; plane < 2; plane++)
        {
            Vector128<uint> pairs = Vector128<uint>.Zero;
            for (int field = 0; field < 4; field++)
            {
                pairs |= ((chunks[plane + (2 * field)] >> from) & Vector128.Create(0x03030303u)) << (2 * field);
            }
            pairs.Store((uint*)(planes + (plane * 64)));
        }
    }
}

/// <summary>Three bits: two pair planes and a bit plane.</summary>
internal readonly unsafe struct PairBitPlanes : ICodePlanes
{
    private const int BitsAt = 128;

    public static int Bytes => 192;

    public static int Most => 7;

    public static bool IsSplit => false;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes)
    {
        PairPlanes.Pack(chunks, 0, planes);
        BitPlane.Pack(chunks, 2, planes + BitsAt);
    }

    public static int At(byte* planes, int input) => PairPlanes.At(planes, input) | (BitPlane.At(planes + BitsAt, input) << 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        PairPlanes.Unpack(planes, step, out first, out second, out firstHigh, out secondHigh);
        V bits = V.Load(planes + BitsAt);
        first |= BitPlane.Chunk(bits, step, 2);
        second |= BitPlane.Chunk(bits, step + 4, 2);
    }
}

/// <summary>Five bits: four nibble planes and a bit plane.</summary>
internal readonly unsafe struct NibbleBitPlanes : ICodePlanes
{
    private const int BitsAt = 256;

    public static int Bytes => 320;

    public static int Most => 31;

    public static bool IsSplit => false;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes)
    {
        NibblePlanes.Pack(chunks, planes);
        BitPlane.Pack(chunks, 4, planes + BitsAt);
    }

    public static int At(byte* planes, int input) => NibblePlanes.At(planes, input) | (BitPlane.At(planes + BitsAt, input) << 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        NibblePlanes.Unpack(planes, step, out first, out second, out firstHigh, out secondHigh);
        V bits = V.Load(planes + BitsAt);
        first |= BitPlane.Chunk(bits, step, 4);
        second |= BitPlane.Chunk(bits, step + 4, 4);
    }
}

/// <summary>Six bits: four nibble planes and two pair planes.</summary>
internal readonly unsafe struct NibblePairPlanes : ICodePlanes
{
    private const int PairsAt = 256;

    public static int Bytes => 384;

    public static int Most => 63;

    public static bool IsSplit => false;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes)
    {
        NibblePlanes.Pack(chunks, planes);
        PairPlanes.Pack(chunks, 4, planes + PairsAt);
    }

    public static int At(byte* planes, int input) => NibblePlanes.At(planes, input) | (PairPlanes.At(planes + PairsAt, input) << 4);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        NibblePlanes.Unpack(planes, step, out first, out second, out firstHigh, out secondHigh);
        V pairs = V.Load(planes + PairsAt + (step % 2 * 64));
        first |= V.Left(pairs, step < 2 ? 4 : 2, 0x30);
        second |= V.Right(pairs, step < 2 ? 0 : 2, 0x30);
    }
}

/// <summary>Eight bits: a vector for every chunk.</summary>
internal readonly unsafe struct BytePlanes : ICodePlanes
{
    public static int Bytes => 512;

    public static int Most => 15;

    public static bool IsSplit => true;

    public static int Value(int code) => code;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes)
    {
        for (int chunk = 0; chunk < FourOutputs.Chunks; chunk++)
        {
            chunks[chunk].Store((uint*)(planes + (chunk * 64)));
        }
    }

    public static int At(byte* planes, int input) => planes[(input / 4 * 64) + (input % 4)];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        V chunk = V.Load(planes + (step * 64));
        first = V.Right(chunk, 0, 15);
        firstHigh = V.Right(chunk, 4, 15);
        chunk = V.Load(planes + (step * 64) + 256);
        second = V.Right(chunk, 0, 15);
        secondHigh = V.Right(chunk, 4, 15);
    }
}

/// <summary>Nibbles that name one of 16 values of eight bits, stored plus 128 (the codebook of IQ4_NL and IQ4_XS).</summary>
internal readonly unsafe struct CodebookPlanes : ICodePlanes
{
    /// <summary>Added to the codebook's values.</summary>
    public const int Offset = 128;

    public static int Bytes => NibblePlanes.Bytes;

    public static int Most => 15;

    public static bool IsSplit => true;

    // -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113, each plus 128.
    private static ReadOnlySpan<byte> Values => [1, 24, 45, 63, 79, 93, 106, 118, 129, 141, 153, 166, 181, 197, 217, 241];

    private static ReadOnlySpan<byte> LowNibbles => [1, 8, 13, 15, 15, 13, 10, 6, 1, 13, 9, 6, 5, 5, 9, 1];

    private static ReadOnlySpan<byte> HighNibbles => [0, 1, 2, 3, 4, 5, 6, 7, 8, 8, 9, 10, 11, 12, 13, 15];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes) => NibblePlanes.Pack(chunks, planes);

    public static int At(byte* planes, int input) => Values[NibblePlanes.At(planes, input)];

    public static int Value(int code) => Values[code];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        NibblePlanes.Unpack(planes, step, out V one, out V two, out _, out _);
        first = V.LookUp(StaticData.Pointer(LowNibbles), one);
        firstHigh = V.LookUp(StaticData.Pointer(HighNibbles), one);
        second = V.LookUp(StaticData.Pointer(LowNibbles), two);
        secondHigh = V.LookUp(StaticData.Pointer(HighNibbles), two);
    }
}

/// <summary>Nibbles that are 4-bit floats (E2M1 of the OCP microscaling formats), stored as twice their value plus 12.</summary>
internal readonly unsafe struct MicroFloatPlanes : ICodePlanes
{
    /// <summary>Added to the doubled values.</summary>
    public const int Offset = 12;

    public static int Bytes => NibblePlanes.Bytes;

    public static int Most => 24;

    public static bool IsSplit => false;

    // 0, 0.5, 1, 1.5, 2, 3, 4, 6 and their negatives, doubled, each plus 12.
    private static ReadOnlySpan<byte> Values => [12, 13, 14, 15, 16, 18, 20, 24, 12, 11, 10, 9, 8, 6, 4, 0];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Pack(Vector128<uint>* chunks, byte* planes) => NibblePlanes.Pack(chunks, planes);

    public static int At(byte* planes, int input) => Values[NibblePlanes.At(planes, input)];

    public static int Value(int code) => Values[code];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Unpack<V>(byte* planes, int step, out V first, out V second, out V firstHigh, out V secondHigh)
        where V : unmanaged, IPanelVector<V>
    {
        NibblePlanes.Unpack(planes, step, out V one, out V two, out firstHigh, out secondHigh);
        first = V.LookUp(StaticData.Pointer(Values), one);
        second = V.LookUp(StaticData.Pointer(Values), two);
    }
}
