using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>
/// Random queries of random lengths over more than one span of stored keys and values; what lies past the longest is infinity, or the largest
/// that the form can hold.
/// </summary>
internal sealed unsafe class AttentionCase : IDisposable
{
    private const int Tiles = 20;
    private readonly int _headSize;
    private readonly int[] _lengths;
    private readonly int[] _starts;
    private readonly float _softCap;
    private readonly float[][] _keys;
    private readonly float[][] _values;
    private readonly KvStore _store;
    private readonly NativeBuffer _queries;

    public AttentionCase(int headSize, int queries, KvType type, int seed, int window = 0, float softCap = 0)
    {
        Random random = new(seed);
        _headSize = headSize;
        _lengths = [.. Enumerable.Range(0, queries).Select(_ => random.Next(1, (Tiles * 16) + 1))];
        _starts = [.. _lengths.Select(length => window == 0 ? 0 : Math.Max(0, length - window))];
        _softCap = softCap;
        _store = StoreOf(type, headSize, blocks: Tiles);
        _queries = new NativeBuffer(queries * headSize * sizeof(float));
        _keys = new float[Tiles * 16][];
        _values = new float[Tiles * 16][];
        for (int position = 0; position < Tiles * 16; position++)
        {
            bool stale = position >= _lengths.Max() || position < _starts.Min();
            _keys[position] = stale ? Filled(float.PositiveInfinity) : Row(random);
            _values[position] = stale ? Filled(float.NegativeInfinity) : Row(random);
            Write(_store, position, _keys[position], _values[position]);
        }
        Row(random, queries * headSize).CopyTo(new Span<float>(_queries.Pointer, queries * headSize));
    }

    public int Padded => _store.Shape.PaddedHeadSize;

    /// <summary>A store of one layer and one head.</summary>
    public static KvStore StoreOf(KvType type, int headSize, int blocks) => new(new KvShape
    {
        Layers = 1,
        KvHeads = 1,
        HeadSize = headSize,
        BlockTokens = 16,
        BlockCount = blocks,
        ScratchTokens = 16,
        Type = type,
    });

    /// <summary>Converts and stores a row, as a pass does.</summary>
    public static void Write(KvStore store, int slot, float[] key, float[] value)
    {
        byte[] rows = new byte[2 * ((key.Length * sizeof(float)) + 256)];
        fixed (byte* room = rows)
        {
            byte* second = room + (rows.Length / 2);
            Convert(store.Shape, key, room);
            Convert(store.Shape, value, second);
            store.Write(0, slot, room, second);
        }
    }

    public float[] Attend(CpuKernels kernels, int first, int count)
    {
        float[] results = new float[count * Padded];
        float[] room = new float[AttentionQueries.RoomFloats(Padded)];
        byte** keys = stackalloc byte*[Tiles];
        byte** values = stackalloc byte*[Tiles];
        float** queries = stackalloc float*[count];
        float** outputs = stackalloc float*[count];
        for (int tile = 0; tile < Tiles; tile++)
        {
            keys[tile] = _store.KeyTile(0, tile, 0);
            values[tile] = _store.ValueTile(0, tile, 0);
        }
        fixed (float* result = results, scratch = room)
        {
            fixed (int* lengths = _lengths, starts = _starts)
            {
                for (int i = 0; i < count; i++)
                {
                    queries[i] = (float*)_queries.Pointer + ((first + i) * _headSize);
                    outputs[i] = result + (i * Padded);
                }
                kernels.Attend(new AttentionQueries
                {
                    Count = count,
                    Queries = queries,
                    Outputs = outputs,
                    Starts = starts + first,
                    Lengths = lengths + first,
                    KeyTiles = keys,
                    ValueTiles = values,
                    KeyTileBytes = (int)_store.KeyTileBytes,
                    ValueTileBytes = (int)_store.ValueTileBytes,
                    HeadSize = _headSize,
                    PaddedHeadSize = Padded,
                    Scale = 0.25f,
                    SoftCap = _softCap,
                    Type = _store.Shape.Type,
                    Room = scratch,
                });
            }
        }
        return results;
    }

    /// <summary>The same in doubles over the values before they were stored.</summary>
    public double[] Reference(int query)
    {
        double[] weights = new double[_lengths[query]];
        for (int j = 0; j < weights.Length; j++)
        {
            for (int d = 0; d < _headSize; d++)
            {
                weights[j] += 0.25 * ((float*)_queries.Pointer)[(query * _headSize) + d] * _keys[j][d];
            }
        }
        if (_softCap > 0)
        {
            weights = [.. weights.Select(weight => _softCap * Math.Tanh(weight / _softCap))];
        }
        new Span<double>(weights, 0, _starts[query]).Fill(double.NegativeInfinity);
        double most = weights.Max();
        weights = [.. weights.Select(weight => Math.Exp(weight - most))];
        double sum = weights.Sum();
        return [.. Enumerable.Range(0, _headSize).Select(d => weights.Select((w, j) => j < _starts[query] ? 0 : w / sum * _values[j][d]).Sum())];
    }

    public void Dispose()
    {
        _store.Dispose();
        _queries.Dispose();
    }

    private static void Convert(KvShape shape, float[] head, byte* row)
    {
        fixed (float* source = head)
        {
            switch (shape.Type)
            {
                case KvType.F32:
                    head.CopyTo(new Span<float>(row, head.Length));
                    break;
                case KvType.F16:
                    for (int i = 0; i < head.Length; i++)
                    {
                        ((ushort*)row)[i] = HalfBits.Narrow(head[i]);
                    }
                    break;
                default:
                    KvQuantizer.Run(shape.Type, source, head.Length, row);
                    break;
            }
        }
    }

    private float[] Filled(float value) => [.. Enumerable.Repeat(value, _headSize)];

    private float[] Row(Random random) => Row(random, _headSize);

    private static float[] Row(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => KernelCase.Value(random))];
}
