namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What a launch of <see cref="KvCopyKernel"/> copies.</summary>
internal struct KvCopyArguments
{
    /// <summary>All layers.</summary>
    public LayerKv Kv;

    /// <summary>Words of a layer.</summary>
    public long LayerWords;

    /// <summary>Scales of a layer; 0 where the form has none.</summary>
    public long LayerScales;

    /// <summary>Words of an octet.</summary>
    public int OctetWords;

    /// <summary>G: KV heads.</summary>
    public int KvHeads;

    /// <summary>First row read.</summary>
    public int Source;

    /// <summary>First row written.</summary>
    public int Destination;

    /// <summary>Rows.</summary>
    public int Rows;
}
