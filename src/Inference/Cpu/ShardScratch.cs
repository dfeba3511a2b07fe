using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Working memory of a shard: activations by row, grown to the largest batch seen, and what every thread keeps for itself.</summary>
/// <remarks>Rows lie at strides of whole lanes; the padding stays zero.</remarks>
internal sealed unsafe class ShardScratch : IDisposable
{
    /// <summary>Queries that attend together, unless a KV head has more of its own.</summary>
    public const int QueriesTogether = 8;

    private readonly NativeBuffer[] _threads;
    private readonly NativeBuffer?[] _gathers;
    private readonly KvShape _kv;
    private readonly int _contextTokens;
    private readonly int _ropes;
    private readonly int _mostExperts;
    private NativeBuffer? _rows;
    private float* _angles;
    private int _capacity;

    /// <summary>Reserves what does not depend on the batch.</summary>
    public ShardScratch(ModelConfiguration model, int ropes, KvShape kv, int contextTokens, int threads)
    {
        _ropes = ropes;
        _kv = kv;
        _contextTokens = contextTokens;
        Queries = Math.Max(QueriesTogether, model.Heads / model.KvHeads);
        _threads = new NativeBuffer[threads];
        _gathers = new NativeBuffer?[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new NativeBuffer(ThreadBytes);
        }
        WidthStride = Padded(model.ModelSize);
        QueryStride = Padded(model.Heads * model.HeadSize);
        KeyStride = Padded(model.KvHeads * model.HeadSize);
        FeedForwardStride = Padded(model.FeedForwardSize);
        AngleStride = Padded(model.LayerBlocks.Max(block => block.Attention.Rope.Dimensions));
        FeedForwardsPerRow = model.FeedForwardsPerRow;
        _mostExperts = model.LayerBlocks.Max(block => block.FeedForward.Experts?.Count ?? 0);
        RouterStride = Padded(_mostExperts);
    }

    /// <summary>Most queries in one attention call.</summary>
    public int Queries { get; }

    /// <summary>Floats from row to row of hidden states.</summary>
    public int WidthStride { get; }

    /// <summary>Floats from row to row of queries and attention results.</summary>
    public int QueryStride { get; }

    /// <summary>Floats from row to row of keys and values.</summary>
    public int KeyStride { get; }

    /// <summary>Floats from row to row inside the feed-forward layer.</summary>
    public int FeedForwardStride { get; }

    /// <summary>Floats from row to row of the rotation angles of one kind.</summary>
    public int AngleStride { get; }

    /// <summary>Feed-forward results of a row: experts used, or 1.</summary>
    public int FeedForwardsPerRow { get; }

    /// <summary>Floats from row to row of the router's scores; 0 without experts.</summary>
    public int RouterStride { get; }

    /// <summary>Hidden states.</summary>
    public float* Hidden { get; private set; }

    /// <summary>Normed hidden states.</summary>
    public float* Normed { get; private set; }

    /// <summary>Queries.</summary>
    public float* Query { get; private set; }

    /// <summary>Keys.</summary>
    public float* Key { get; private set; }

    /// <summary>Values.</summary>
    public float* Value { get; private set; }

    /// <summary>Attention results.</summary>
    public float* Attention { get; private set; }

    /// <summary>Gate, then gate times up.</summary>
    public float* Gate { get; private set; }

    /// <summary>Up.</summary>
    public float* Up { get; private set; }

    /// <summary>Rows that experts read, then what they give: <see cref="FeedForwardsPerRow"/> for every row.</summary>
    public float* ExpertRows { get; private set; }

    /// <summary>Scores of the router.</summary>
    public float* Router { get; private set; }

    /// <summary>Quantised rows of any width.</summary>
    public byte* Quantized { get; private set; }

    /// <summary>Rows there is room for.</summary>
    public int Capacity => _capacity;

    /// <summary>Bytes of <see cref="Converted"/>; halves are written in whole vectors.</summary>
    public long ConvertedBytes => 2L * (Padded(_kv.KvHeads * _kv.Layout.RowBytes) + 32);

    private int PaddedHead => _kv.PaddedHeadSize;

    private long RoomBytes => (long)AttentionQueries.RoomFloats(PaddedHead) * sizeof(float);

    private long ResultBytes => (long)Queries * PaddedHead * sizeof(float);

    private long TilePointerBytes => Padded(_contextTokens) / KvStore.TileRows * sizeof(long);

    private long ThreadBytes => RoomBytes + ResultBytes + (2 * TilePointerBytes) + ConvertedBytes + (3L * Queries * sizeof(long));

    /// <summary>A row's rotation angles of one kind.</summary>
    public float* AnglesOf(int row, int rope) => _angles + ((((long)row * _ropes) + rope) * AngleStride);

    /// <summary>A thread's <see cref="AttentionQueries.Room"/>.</summary>
    public float* AttentionRoom(int thread) => (float*)_threads[thread].Pointer;

    /// <summary>A thread's attention results, padded heads.</summary>
    public float* Results(int thread) => (float*)(_threads[thread].Pointer + RoomBytes);

    /// <summary>A thread's key tile pointers.</summary>
    public byte** KeyTiles(int thread) => (byte**)(_threads[thread].Pointer + RoomBytes + ResultBytes);

    /// <summary>A thread's value tile pointers.</summary>
    public byte** ValueTiles(int thread) => (byte**)(_threads[thread].Pointer + RoomBytes + ResultBytes + TilePointerBytes);

    /// <summary>A thread's query pointers, result pointers and lengths, <see cref="Queries"/> of each, 8 bytes apart.</summary>
    public long* QueryTable(int thread) => (long*)(_threads[thread].Pointer + RoomBytes + ResultBytes + (2 * TilePointerBytes));

    /// <summary>A thread's room for one converted key row and value row, each as long as the other.</summary>
    public byte* Converted(int thread) => (byte*)(QueryTable(thread) + (3L * Queries));

    /// <summary>A thread's tiles for gathered keys and values; at least <paramref name="bytes"/>.</summary>
    public byte* Gathered(int thread, long bytes)
    {
        NativeBuffer? buffer = _gathers[thread];
        if (buffer is null || buffer.Bytes < bytes)
        {
            buffer?.Dispose();
            _gathers[thread] = buffer = new NativeBuffer(Math.Max(bytes, 2 * (buffer?.Bytes ?? 0)));
        }
        return buffer.Pointer;
    }

    /// <summary>Makes room for so many rows; what the rows held is lost when it grows.</summary>
    public void Reserve(int rows)
    {
        if (rows <= _capacity)
        {
            return;
        }
        int capacity = Math.Max(rows, Math.Min(2 * _capacity, _capacity + 256));
        int expertStride = _mostExperts > 0 ? FeedForwardsPerRow * WidthStride : 0;
        int gateStride = FeedForwardsPerRow * FeedForwardStride;
        int angleStride = _ropes * AngleStride;
        long floats = (2L * WidthStride) + (2L * QueryStride) + (2L * KeyStride) + (2L * gateStride) + expertStride + RouterStride + angleStride;
        _rows?.Dispose();
        _rows = null;
        _capacity = 0;
        _rows = new NativeBuffer((capacity * floats * sizeof(float)) + QuantizedBytes(capacity) + 64);
        _capacity = capacity;
        float* next = (float*)_rows.Pointer;
        Hidden = Take(ref next, WidthStride);
        Normed = Take(ref next, WidthStride);
        Query = Take(ref next, QueryStride);
        Attention = Take(ref next, QueryStride);
        Key = Take(ref next, KeyStride);
        Value = Take(ref next, KeyStride);
        Gate = Take(ref next, gateStride);
        Up = Take(ref next, gateStride);
        ExpertRows = Take(ref next, expertStride);
        Router = Take(ref next, RouterStride);
        _angles = Take(ref next, angleStride);
        Quantized = (byte*)(((nuint)next + 63) & ~(nuint)63);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _rows?.Dispose();
        foreach (NativeBuffer? buffer in _threads.Concat(_gathers))
        {
            buffer?.Dispose();
        }
    }

    private static int Padded(int count) => (count + 15) & ~15;

    // Experts quantise their own rows, each in a piece of its own.
    private long QuantizedBytes(int capacity)
    {
        int widest = (Math.Max(WidthStride, Math.Max(QueryStride, FeedForwardStride)) + 31) & ~31;
        long bytes = QuantizedRows.BytesFor(capacity, widest);
        return _mostExperts == 0 ? bytes : Math.Max(bytes, ExpertWork.QuantizedBytes(capacity * FeedForwardsPerRow, widest, _mostExperts));
    }

    private float* Take(ref float* next, int stride)
    {
        float* start = next;
        next += (long)_capacity * stride;
        return start;
    }
}
