namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>The keys of one split that any query of a group reads, by their place in the split.</summary>
internal struct SplitRange
{
    /// <summary>Which split.</summary>
    public int Split;

    /// <summary>First key.</summary>
    public int First;

    /// <summary>After the last key.</summary>
    public int End;

    /// <summary>First segment of 16 with such a key.</summary>
    public int FirstSegment;

    /// <summary>After the last segment with such a key.</summary>
    public int EndSegment;
}
