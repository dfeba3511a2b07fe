using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>Random queries of random lengths over tiles of keys and values; what lies past the longest is NaN or infinity.</summary>
internal sealed unsafe class AttentionCase : IDisposable
{
    private const int Tiles = 6;
    private readonly int _headSize;
    private readonly bool _halves;
    private readonly int[] _lengths;
    private readonly int[] _starts;
    private readonly float _softCap;
    private readonly NativeBuffer _keys;
    private readonly NativeBuffer _values;
    private readonly NativeBuffer _queries;

    public AttentionCase(int headSize, int queries, bool halves, int seed, int window = 0, float softCap = 0)
    {
        Random random = new(seed);
        _headSize = headSize;
        _halves = halves;
        _lengths = [.. Enumerable.Range(0, queries).Select(_ => random.Next(1, (Tiles * 16) + 1))];
        _starts = [.. _lengths.Select(length => window == 0 ? 0 : Math.Max(0, length - window))];
        _softCap = softCap;
        _keys = new NativeBuffer(Tiles * 16 * headSize * sizeof(float));
        _values = new NativeBuffer(Tiles * 16 * Padded * sizeof(float));
        _queries = new NativeBuffer(queries * headSize * sizeof(float));
        for (int position = 0; position < Tiles * 16; position++)
        {
            bool stale = position >= _lengths.Max() || position < _starts.Min();
            for (int d = 0; d < headSize; d++)
            {
                Set(_keys, KeyIndex(position, d), stale ? float.PositiveInfinity : KernelCase.Value(random));
                Set(_values, ValueIndex(position, d), stale ? float.NegativeInfinity : KernelCase.Value(random));
            }
        }
        for (int i = 0; i < queries * headSize; i++)
        {
            ((float*)_queries.Pointer)[i] = KernelCase.Value(random);
        }
    }

    public int Padded => (_headSize + 15) & ~15;

    public float[] Attend(CpuKernels kernels, int first, int count)
    {
        float[] results = new float[count * Padded];
        float[] scores = new float[count * Tiles * 16];
        byte** keys = stackalloc byte*[Tiles];
        byte** values = stackalloc byte*[Tiles];
        float** queries = stackalloc float*[count];
        float** outputs = stackalloc float*[count];
        for (int tile = 0; tile < Tiles; tile++)
        {
            keys[tile] = _keys.Pointer + (tile * 16 * _headSize * ElementBytes);
            values[tile] = _values.Pointer + (tile * 16 * Padded * ElementBytes);
        }
        fixed (float* result = results, score = scores)
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
                    HeadSize = _headSize,
                    PaddedHeadSize = Padded,
                    Scale = 0.25f,
                    SoftCap = _softCap,
                    Halves = _halves,
                    Scores = score,
                    ScoreStride = Tiles * 16,
                });
            }
        }
        return results;
    }

    /// <summary>The same in doubles; only for floats.</summary>
    public double[] Reference(int query)
    {
        double[] weights = new double[_lengths[query]];
        for (int j = 0; j < weights.Length; j++)
        {
            for (int d = 0; d < _headSize; d++)
            {
                weights[j] += 0.25 * ((float*)_queries.Pointer)[(query * _headSize) + d] * ((float*)_keys.Pointer)[KeyIndex(j, d)];
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
        return [.. Enumerable.Range(0, _headSize).Select(d => weights.Select((w, j) => j < _starts[query] ? 0 : w / sum * ((float*)_values.Pointer)[ValueIndex(j, d)]).Sum())];
    }

    public void Dispose()
    {
        _keys.Dispose();
        _values.Dispose();
        _queries.Dispose();
    }

    private int ElementBytes => _halves ? sizeof(ushort) : sizeof(float);

    private int KeyIndex(int position, int d) => (((position / 16 * _headSize) + d) * 16) + (position % 16);

    private int ValueIndex(int position, int d) => (position * Padded) + d;

    private void Set(NativeBuffer buffer, int index, float value)
    {
        if (_halves)
        {
            ((ushort*)buffer.Pointer)[index] = HalfBits.Narrow(value);
        }
        else
        {
            ((float*)buffer.Pointer)[index] = value;
        }
    }
}
