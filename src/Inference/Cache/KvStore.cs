using System.Runtime.CompilerServices;
using Winnow.Inference.Cpu;

namespace Winnow.Inference.Cache;

/// <summary>
/// Keys and values of a shard's layers in pages of host memory. A physical row ("slot") is block id times block size plus offset; rows past
/// the blocks are scratch. Who owns which block is the coordinator's business: this stores, copies and checks bounds.
/// </summary>
/// <remarks>
/// Rows lie in tiles of 16, so that 16 keys of one head are one vector per element: key tile [KV head][head size][16 rows], value tile
/// [KV head][16 rows][head size padded to 16].
/// </remarks>
internal sealed unsafe class KvStore : IDisposable
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 16;

    private readonly NativeBuffer[] _keys;
    private readonly NativeBuffer[] _values;
    private readonly int _elementBytes;
    private readonly long _keyHeadBytes;
    private readonly long _valueHeadBytes;

    /// <summary>Reserves the memory; pages are taken when they are first written.</summary>
    public KvStore(KvShape shape)
    {
        Shape = shape;
        _elementBytes = shape.Type == KvType.F16 ? sizeof(ushort) : sizeof(float);
        _keyHeadBytes = (long)shape.HeadSize * TileRows * _elementBytes;
        _valueHeadBytes = (long)shape.PaddedHeadSize * TileRows * _elementBytes;
        long tiles = ((long)shape.Rows + TileRows - 1) / TileRows;
        _keys = new NativeBuffer[shape.Layers];
        _values = new NativeBuffer[shape.Layers];
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            _keys[layer] = new NativeBuffer(tiles * shape.KvHeads * _keyHeadBytes);
            _values[layer] = new NativeBuffer(tiles * shape.KvHeads * _valueHeadBytes);
            Bytes += _keys[layer].Bytes + _values[layer].Bytes;
        }
    }

    /// <summary>Sizes.</summary>
    public KvShape Shape { get; }

    /// <summary>Bytes reserved.</summary>
    public long Bytes { get; }

    /// <summary>Bytes of a key tile of one head.</summary>
    public long KeyTileBytes => _keyHeadBytes;

    /// <summary>Bytes of a value tile of one head.</summary>
    public long ValueTileBytes => _valueHeadBytes;

    /// <summary>Key tile of a head that holds rows <c>16 * tile</c> and after.</summary>
    public byte* KeyTile(int layer, long tile, int head) => _keys[layer].Pointer + (((tile * Shape.KvHeads) + head) * _keyHeadBytes);

    /// <summary>Value tile of a head that holds rows <c>16 * tile</c> and after.</summary>
    public byte* ValueTile(int layer, long tile, int head) => _values[layer].Pointer + (((tile * Shape.KvHeads) + head) * _valueHeadBytes);

    /// <summary>Stores a row as it is already converted: [KV head][head size] elements of the stored type.</summary>
    public void Write(int layer, int slot, byte* key, byte* value)
    {
        for (int head = 0; head < Shape.KvHeads; head++)
        {
            byte* tile = KeyTile(layer, slot / TileRows, head);
            PlaceKey(key + ((long)head * Shape.HeadSize * _elementBytes), 1, tile + (slot % TileRows * _elementBytes), TileRows);
            long rowBytes = (long)Shape.HeadSize * _elementBytes;
            byte* destination = ValueTile(layer, slot / TileRows, head) + (slot % TileRows * (long)Shape.PaddedHeadSize * _elementBytes);
            Buffer.MemoryCopy(value + (head * rowBytes), destination, rowBytes, rowBytes);
        }
    }

    /// <summary>Copies one head of a row into a lane of tiles outside the store.</summary>
    public void Gather(int layer, int slot, int head, byte* keyTile, byte* valueTile, int lane)
    {
        byte* key = KeyTile(layer, slot / TileRows, head) + (slot % TileRows * _elementBytes);
        PlaceKey(key, TileRows, keyTile + (lane * _elementBytes), TileRows);
        long rowBytes = (long)Shape.PaddedHeadSize * _elementBytes;
        byte* value = ValueTile(layer, slot / TileRows, head) + (slot % TileRows * rowBytes);
        Buffer.MemoryCopy(value, valueTile + (lane * rowBytes), rowBytes, rowBytes);
    }

    /// <summary>Copies a row in every layer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A slot is not in the store.</exception>
    public void CopyRow(int source, int destination)
    {
        CheckRow(source, nameof(source));
        CheckRow(destination, nameof(destination));
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            for (int head = 0; head < Shape.KvHeads; head++)
            {
                Gather(
                    layer,
                    source,
                    head,
                    KeyTile(layer, destination / TileRows, head),
                    ValueTile(layer, destination / TileRows, head),
                    destination % TileRows);
            }
        }
    }

    /// <summary>Copies a block in every layer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A block is not in the store.</exception>
    public void CopyBlock(int source, int destination)
    {
        CheckBlock(source, nameof(source));
        CheckBlock(destination, nameof(destination));
        int tiles = Shape.BlockTokens / TileRows;
        long keyBytes = tiles * Shape.KvHeads * _keyHeadBytes;
        long valueBytes = tiles * Shape.KvHeads * _valueHeadBytes;
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            Buffer.MemoryCopy(KeyTile(layer, (long)source * tiles, 0), KeyTile(layer, (long)destination * tiles, 0), keyBytes, keyBytes);
            Buffer.MemoryCopy(ValueTile(layer, (long)source * tiles, 0), ValueTile(layer, (long)destination * tiles, 0), valueBytes, valueBytes);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NativeBuffer buffer in _keys.Concat(_values))
        {
            buffer.Dispose();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PlaceKey(byte* source, int sourceStride, byte* destination, int destinationStride)
    {
        if (_elementBytes == sizeof(ushort))
        {
            for (int d = 0; d < Shape.HeadSize; d++)
            {
                ((ushort*)destination)[d * destinationStride] = ((ushort*)source)[d * sourceStride];
            }
            return;
        }
        for (int d = 0; d < Shape.HeadSize; d++)
        {
            ((float*)destination)[d * destinationStride] = ((float*)source)[d * sourceStride];
        }
    }

    private void CheckRow(int slot, string name)
    {
        if ((uint)slot >= (uint)Shape.Rows)
        {
            throw new ArgumentOutOfRangeException(name, $"KV row '{slot}' is not in the cache; allowed are 0 to {Shape.Rows - 1}.");
        }
    }

    private void CheckBlock(int block, string name)
    {
        if ((uint)block >= (uint)Shape.BlockCount)
        {
            throw new ArgumentOutOfRangeException(name, $"KV block '{block}' is not in the cache; allowed are 0 to {Shape.BlockCount - 1}.");
        }
    }
}
