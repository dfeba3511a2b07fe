using System.Runtime.CompilerServices;
using Winnow.Inference.Cache;

namespace Winnow.Inference.Cpu;

/// <summary>How a tile of stored keys or values becomes floats: the same floats for every reader and on every width.</summary>
internal unsafe interface IKvForm
{
    /// <summary>Keys of a tile as floats [head size][16].</summary>
    /// <param name="tile">Stored keys.</param>
    /// <param name="headSize">Elements of a head.</param>
    /// <param name="room">Room for 16 padded heads.</param>
    /// <returns>The tile itself or the room.</returns>
    static abstract float* Keys<T>(byte* tile, int headSize, float* room)
        where T : unmanaged, ILanes<T>;

    /// <summary>Values of a tile as floats [16][padded head size].</summary>
    /// <param name="tile">Stored values.</param>
    /// <param name="padded">Elements of a padded head.</param>
    /// <param name="room">Room for 16 padded heads.</param>
    /// <returns>The tile itself or the room.</returns>
    static abstract float* Values<T>(byte* tile, int padded, float* room)
        where T : unmanaged, ILanes<T>;
}

/// <summary><see cref="KvType.F32"/>: read in place.</summary>
internal readonly unsafe struct FloatKv : IKvForm
{
    public static float* Keys<T>(byte* tile, int headSize, float* room)
        where T : unmanaged, ILanes<T> => (float*)tile;

    public static float* Values<T>(byte* tile, int padded, float* room)
        where T : unmanaged, ILanes<T> => (float*)tile;
}

/// <summary><see cref="KvType.F16"/>.</summary>
internal readonly unsafe struct HalfKv : IKvForm
{
    public static float* Keys<T>(byte* tile, int headSize, float* room)
        where T : unmanaged, ILanes<T> => Widen<T>((ushort*)tile, headSize, room);

    public static float* Values<T>(byte* tile, int padded, float* room)
        where T : unmanaged, ILanes<T> => Widen<T>((ushort*)tile, padded, room);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* Widen<T>(ushort* halves, int vectors, float* room)
        where T : unmanaged, ILanes<T>
    {
        for (int i = 0; i < vectors * 16; i += 16)
        {
            T.Store(T.LoadHalf(halves + i), room + i);
        }
        return room;
    }
}

/// <summary><see cref="KvType.Q8_0"/>: code times scale, rounded once.</summary>
internal readonly unsafe struct ByteKv : IKvForm
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* Keys<T>(byte* tile, int headSize, float* room)
        where T : unmanaged, ILanes<T>
    {
        int blocks = (headSize + KvLayout.BlockElements - 1) / KvLayout.BlockElements;
        sbyte* codes = (sbyte*)tile + (blocks * 16 * sizeof(ushort));
        float* to = room;
        for (int block = 0; block < blocks; block++)
        {
            T scale = T.LoadHalf((ushort*)tile + (block * 16));
            for (int i = 0; i < KvLayout.BlockElements; i++, codes += 16, to += 16)
            {
                T.Store(T.LoadBytes(codes) * scale, to);
            }
        }
        return room;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* Values<T>(byte* tile, int padded, float* room)
        where T : unmanaged, ILanes<T>
    {
        int blocks = padded / KvLayout.BlockElements;
        float* to = room;
        for (int row = 0; row < 16; row++)
        {
            ushort* scales = (ushort*)tile;
            tile += blocks * sizeof(ushort);
            for (int block = 0; block < blocks; block++, tile += KvLayout.BlockElements, to += KvLayout.BlockElements)
            {
                T scale = T.Broadcast(HalfBits.Widen(scales[block]));
                T.Store(T.LoadBytes((sbyte*)tile) * scale, to);
                T.Store(T.LoadBytes((sbyte*)tile + 16) * scale, to + 16);
            }
        }
        return room;
    }
}

/// <summary><see cref="KvType.Q4_0"/>: code times scale, rounded once.</summary>
internal readonly unsafe struct NibbleKv : IKvForm
{
    private const int Half = KvLayout.BlockElements / 2;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* Keys<T>(byte* tile, int headSize, float* room)
        where T : unmanaged, ILanes<T>
    {
        int blocks = (headSize + KvLayout.BlockElements - 1) / KvLayout.BlockElements;
        byte* codes = tile + (blocks * 16 * sizeof(ushort));
        float* to = room;
        for (int block = 0; block < blocks; block++, to += Half * 16)
        {
            T scale = T.LoadHalf((ushort*)tile + (block * 16));
            for (int i = 0; i < Half; i++, codes += 16, to += 16)
            {
                T.Store(T.LoadLowNibbles(codes) * scale, to);
                T.Store(T.LoadHighNibbles(codes) * scale, to + (Half * 16));
            }
        }
        return room;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float* Values<T>(byte* tile, int padded, float* room)
        where T : unmanaged, ILanes<T>
    {
        int blocks = padded / KvLayout.BlockElements;
        float* to = room;
        for (int row = 0; row < 16; row++)
        {
            ushort* scales = (ushort*)tile;
            tile += blocks * sizeof(ushort);
            for (int block = 0; block < blocks; block++, tile += Half, to += KvLayout.BlockElements)
            {
                T scale = T.Broadcast(HalfBits.Widen(scales[block]));
                T.Store(T.LoadLowNibbles(tile) * scale, to);
                T.Store(T.LoadHighNibbles(tile) * scale, to + Half);
            }
        }
        return room;
    }
}
