using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What a launch of <see cref="RopeStoreKernels"/> reads and writes.</summary>
internal struct RopeStoreArguments
{
    /// <summary>Queries (T x H x D): read, rotated in place.</summary>
    public ArrayView<float> Queries;

    /// <summary>Keys (T x G x D): read.</summary>
    public ArrayView<float> Keys;

    /// <summary>Values (T x G x D): read.</summary>
    public ArrayView<float> Values;

    /// <summary>Added to the queries (H x D).</summary>
    public ArrayView<float> QueryBias;

    /// <summary>Added to the keys (G x D).</summary>
    public ArrayView<float> KeyBias;

    /// <summary>Added to the values (G x D).</summary>
    public ArrayView<float> ValueBias;

    /// <summary>Weights of the query heads' norm (D).</summary>
    public ArrayView<float> QueryNorm;

    /// <summary>Weights of the key heads' norm (D).</summary>
    public ArrayView<float> KeyNorm;

    /// <summary>Cosines, then sines of every row (T x 2 pairs).</summary>
    public ArrayView<float> Angles;

    /// <summary>The pass (<see cref="PassMetadata.Data"/>).</summary>
    public ArrayView<int> Pass;

    /// <summary>The layer's keys and values: written.</summary>
    public LayerKv Kv;

    /// <summary>Floats from a row of queries to the next.</summary>
    public int QueryStride;

    /// <summary>Floats from a row of keys to the next.</summary>
    public int KeyStride;

    /// <summary>Floats from a row of values to the next.</summary>
    public int ValueStride;

    /// <summary>Floats from a row of angles to the next.</summary>
    public int AngleStride;

    /// <summary>H: query heads.</summary>
    public int Heads;

    /// <summary>G: KV heads.</summary>
    public int KvHeads;

    /// <summary>D: elements of a head.</summary>
    public int HeadSize;

    /// <summary>Rotated pairs of a head.</summary>
    public int Pairs;

    /// <summary>1 when neighbours are rotated together, 0 for halves.</summary>
    public int Interleaved;

    /// <summary>Which biases there are: 1 for queries, 2 for keys, 4 for values.</summary>
    public int Biases;

    /// <summary>Which head norms there are: 1 for queries, 2 for keys.</summary>
    public int Norms;

    /// <summary>Added to the mean square in head norms.</summary>
    public float Epsilon;

    /// <summary>See <see cref="Rounding"/>.</summary>
    public int Zero;
}
