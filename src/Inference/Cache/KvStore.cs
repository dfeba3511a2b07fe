using System.Runtime.CompilerServices;
using Winnow.Inference.Cpu;

namespace Winnow.Inference.Cache;

/// <summary>
/// Keys and values of a shard's layers in pages of host memory. A physical row ("slot") is block id times block size plus offset; rows past
/// the blocks are scratch. Who owns which block is the coordinator's business: this stores, copies and checks bounds.
/// </summary>
/// <remarks>
/// Rows lie in tiles of 16, so that 16 keys of one head are one vector per element. Key tile: scales [blocks][16 rows], then codes
/// [units][16 rows]; value tile: [16 rows] of scales, then codes. <see cref="KvLayout"/> tells how many of each a form has. Sixteen
/// tiles of one head lie together before those of the next head, so that blocks with neighbouring ids are read in long runs: a processor
/// fetches ahead by itself only within pages.
/// </remarks>
internal sealed unsafe class KvStore : IDisposable
{
    /// <summary>Rows of a tile.</summary>
    public const int TileRows = 16;

    // Tiles of one head that lie together.
    private const int RunTiles = 16;

    private readonly NativeBuffer[] _keys;
    private readonly NativeBuffer[] _values;
    private readonly KvLayout _layout;
    private readonly long _keyHeadBytes;
    private readonly long _valueHeadBytes;

    /// <summary>Reserves the memory; pages, of 2 MiB where the system has them, are taken when they are first written.</summary>
    public KvStore(KvShape shape)
    {
        Shape = shape;
        _layout = shape.Layout;
        _keyHeadBytes = (long)_layout.RowBytes * TileRows;
        _valueHeadBytes = (long)_layout.ValueRowBytes * TileRows;
        const int RunRows = RunTiles * TileRows;
        long tiles = ((long)shape.Rows + RunRows - 1) / RunRows * RunTiles;
        _keys = new NativeBuffer[shape.Layers];
        _values = new NativeBuffer[shape.Layers];
        for (int layer = 0; layer < shape.Layers; layer++)
        {
            _keys[layer] = new NativeBuffer(tiles * shape.KvHeads * _keyHeadBytes, hugePages: true);
            _values[layer] = new NativeBuffer(tiles * shape.KvHeads * _valueHeadBytes, hugePages: true);
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
    public byte* KeyTile(int layer, long tile, int head) => _keys[layer].Pointer + (PlaceOf(tile, head) * _keyHeadBytes);

    /// <summary>Value tile of a head that holds rows <c>16 * tile</c> and after.</summary>
    public byte* ValueTile(int layer, long tile, int head) => _values[layer].Pointer + (PlaceOf(tile, head) * _valueHeadBytes);

    /// <summary>Stores a row as it is already converted: <see cref="KvLayout.RowBytes"/> bytes for each KV head.</summary>
    public void Write(int layer, int slot, byte* key, byte* value)
    {
        long rowBytes = _layout.RowBytes;
        for (int head = 0; head < Shape.KvHeads; head++)
        {
            PlaceKey(key + (head * rowBytes), 0, 1, KeyTile(layer, slot / TileRows, head), slot % TileRows);
            byte* destination = ValueTile(layer, slot / TileRows, head) + (slot % TileRows * (long)_layout.ValueRowBytes);
            Buffer.MemoryCopy(value + (head * rowBytes), destination, rowBytes, rowBytes);
        }
    }

    /// <summary>Copies one head of a row, as it is stored, into a lane of tiles that may be outside the store.</summary>
    public void Gather(int layer, int slot, int head, byte* keyTile, byte* valueTile, int lane)
    {
        PlaceKey(KeyTile(layer, slot / TileRows, head), slot % TileRows, TileRows, keyTile, lane);
        long rowBytes = _layout.ValueRowBytes;
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
        long tiles = Shape.BlockTokens / TileRows;
        for (int layer = 0; layer < Shape.Layers; layer++)
        {
            for (long tile = 0; tile < tiles; tile++)
            {
                CopyTile(layer, (source * tiles) + tile, (destination * tiles) + tile);
            }
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

    private void CopyTile(int layer, long source, long destination)
    {
        for (int head = 0; head < Shape.KvHeads; head++)
        {
            Buffer.MemoryCopy(KeyTile(layer, source, head), KeyTile(layer, destination, head), _keyHeadBytes, _keyHeadBytes);
            Buffer.MemoryCopy(ValueTile(layer, source, head), ValueTile(layer, destination, head), _valueHeadBytes, _valueHeadBytes);
        }
    }

    private long PlaceOf(long tile, int head) => (((tile / RunTiles * Shape.KvHeads) + head) * RunTiles) + (tile % RunTiles);

    // A key from a row by itself (one lane) or from a tile (16 lanes) into a tile.
    private void PlaceKey(byte* source, int sourceLane, int sourceLanes, byte* tile, int lane)
    {
        Place((ushort*)source + sourceLane, sourceLanes, (ushort*)tile + lane, _layout.Scales);
        source += (long)_layout.Scales * sourceLanes * sizeof(ushort);
        tile += (long)_layout.Scales * TileRows * sizeof(ushort);
        switch (_layout.UnitBytes)
        {
            case sizeof(byte):
                Place(source + sourceLane, sourceLanes, tile + lane, _layout.Units);
                break;
            case sizeof(ushort):
                Place((ushort*)source + sourceLane, sourceLanes, (ushort*)tile + lane, _layout.Units);
                break;
            default:
                Place((uint*)source + sourceLane, sourceLanes, (uint*)tile + lane, _layout.Units);
                break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Place<TUnit>(TUnit* source, int stride, TUnit* destination, int count)
        where TUnit : unmanaged
    {
        for (int i = 0; i < count; i++)
        {
            destination[i * TileRows] = source[i * stride];
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
