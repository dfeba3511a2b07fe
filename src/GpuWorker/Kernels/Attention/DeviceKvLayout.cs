using Winnow.Inference.Cache;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Where keys and values of one layer lie on a device. A physical row ("slot") is block id times block size plus offset; scratch rows follow the
/// blocks. A head's elements, padded with zeros to whole blocks of 32, are octets of 8.
/// </summary>
/// <remarks>
/// Keys: octets [G][tiles][octets of a head][16 rows], so that threads that each score one key load neighbouring octets.
/// Values: octets [G][slots][octets of a head], so that threads that each own an octet of the result do.
/// Scales of quantised forms, halves: keys [G][tiles][blocks of a head][16], values [G][slots][blocks of a head].
/// </remarks>
internal sealed record DeviceKvLayout
{
    /// <summary>Rows of a key tile.</summary>
    public const int TileRows = 16;

    /// <summary>Elements of an octet.</summary>
    public const int OctetElements = 8;

    /// <summary>Elements under one scale.</summary>
    public const int BlockElements = 32;

    /// <summary>Largest head size.</summary>
    public const int MostHeadSize = 256;

    // Sections begin where loads of any width may.
    private const long Alignment = 256 / sizeof(int);

    /// <summary>Checks and lays out.</summary>
    /// <param name="layers">Layers of the shard.</param>
    /// <param name="kvHeads">G: KV heads.</param>
    /// <param name="headSize">D: elements of a head, even, up to 256.</param>
    /// <param name="blockTokens">S: tokens of a block, a multiple of 16 up to 256.</param>
    /// <param name="blockCount">Blocks, scratch not included.</param>
    /// <param name="scratchTokens">Scratch rows after the blocks.</param>
    /// <param name="type">Stored form.</param>
    /// <exception cref="ArgumentException">A size is out of its range, or a layer has too many octets for an index.</exception>
    public DeviceKvLayout(int layers, int kvHeads, int headSize, int blockTokens, int blockCount, int scratchTokens, KvType type)
    {
        Require(layers, 1, int.MaxValue, "layers");
        Require(kvHeads, 1, int.MaxValue, "KV heads");
        Require(headSize, 2, MostHeadSize, "head size");
        Require(blockTokens, TileRows, 256, "block size");
        Require(blockCount, 1, int.MaxValue / blockTokens, "block count");
        Require(scratchTokens, 0, int.MaxValue - (blockCount * blockTokens), "scratch rows");
        if (blockTokens % TileRows != 0 || headSize % 2 != 0)
        {
            throw new ArgumentException(
                $"The KV cache has block size '{blockTokens}' and head size '{headSize}'; the first must be a multiple of {TileRows}, the second even.");
        }
        (Layers, KvHeads, HeadSize, BlockTokens, BlockCount, ScratchTokens, Type) =
            (layers, kvHeads, headSize, blockTokens, blockCount, scratchTokens, type);
        if ((long)KvHeads * TileCount * TileRows * Octets > int.MaxValue)
        {
            throw new ArgumentException(
                $"The KV cache has '{Slots}' rows of {KvHeads} heads of {HeadSize}; a layer may have at most {int.MaxValue} octets. Lower the KV blocks.");
        }
    }

    /// <summary>Layers of the shard.</summary>
    public int Layers { get; }

    /// <summary>G: KV heads.</summary>
    public int KvHeads { get; }

    /// <summary>D: elements of a head.</summary>
    public int HeadSize { get; }

    /// <summary>S: tokens of a block.</summary>
    public int BlockTokens { get; }

    /// <summary>Blocks, scratch not included.</summary>
    public int BlockCount { get; }

    /// <summary>Scratch rows after the blocks.</summary>
    public int ScratchTokens { get; }

    /// <summary>Stored form.</summary>
    public KvType Type { get; }

    /// <summary>Physical rows of blocks and scratch.</summary>
    public int Slots => (BlockCount * BlockTokens) + ScratchTokens;

    /// <summary>Tiles of 16 rows of one head.</summary>
    public int TileCount => (Slots + TileRows - 1) / TileRows;

    /// <summary>Octets of a padded head.</summary>
    public int Octets => Blocks * (BlockElements / OctetElements);

    /// <summary>Blocks of 32 of a padded head.</summary>
    public int Blocks => (HeadSize + BlockElements - 1) / BlockElements;

    /// <summary>32-bit words of an octet.</summary>
    public int OctetWords => Type switch { KvType.F32 => 8, KvType.Q8_0 => 2, KvType.Q4_0 => 1, _ => 4 };

    /// <summary>Words of one layer's keys, and of its values, padded so that every layer is aligned to 256 bytes.</summary>
    public long LayerWords => Align((long)KvHeads * TileCount * TileRows * Octets * OctetWords);

    /// <summary>Scales of one layer's keys, and of its values, padded likewise.</summary>
    public long LayerScales => Type is KvType.Q8_0 or KvType.Q4_0 ? 2 * Align(((long)KvHeads * TileCount * TileRows * Blocks) + 1 >> 1) : 0;

    /// <summary>Bytes of keys and values of all layers.</summary>
    public long Bytes => 2 * Layers * ((LayerWords * sizeof(int)) + (LayerScales * sizeof(ushort)));

    private static long Align(long words) => (words + Alignment - 1) / Alignment * Alignment;

    private static void Require(int value, int least, int most, string what)
    {
        if (value < least || value > most)
        {
            throw new ArgumentException($"The KV cache has '{value}' {what}; allowed are {least} to {most}.");
        }
    }
}
