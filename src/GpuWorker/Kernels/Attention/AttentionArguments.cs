using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What an attention launch reads and writes.</summary>
internal struct AttentionArguments
{
    /// <summary>Rotated queries (T x H x D).</summary>
    public ArrayView<float> Queries;

    /// <summary>Results (rows of the list x H x D).</summary>
    public ArrayView<float> Output;

    /// <summary>The layer's keys and values.</summary>
    public LayerKv Kv;

    /// <summary>The pass (<see cref="PassMetadata.Data"/>).</summary>
    public ArrayView<int> Pass;

    /// <summary>Partial results [partial][H][padded D].</summary>
    public ArrayView<float> PartialValues;

    /// <summary>Sums of weights [partial][H].</summary>
    public ArrayView<PartialSum> PartialSums;

    /// <summary>First integer of the work entries, or of the joins.</summary>
    public int List;

    /// <summary>Floats from a row of queries to the next.</summary>
    public int QueryStride;

    /// <summary>Floats from a row of results to the next.</summary>
    public int OutputStride;

    /// <summary>H: query heads.</summary>
    public int Heads;

    /// <summary>G: KV heads.</summary>
    public int KvHeads;

    /// <summary>D: elements of a head.</summary>
    public int HeadSize;

    /// <summary>S: tokens of a block.</summary>
    public int BlockTokens;

    /// <summary>Positions that a query reads; 0 for all.</summary>
    public int Window;

    /// <summary>Factor on the queries.</summary>
    public float QueryScale;

    /// <summary>Factor on capped scores, 0 when scores are not capped.</summary>
    public float CapScale;
}
