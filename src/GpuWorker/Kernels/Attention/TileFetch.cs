namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>What a thread has loaded of the keys, or of the values, of a tile: an octet of every block of 32 columns, as it is stored, and a scale.</summary>
internal struct TileFetch
{
    /// <summary>Of block 0.</summary>
    public Quad B0;

    /// <summary>Of block 1.</summary>
    public Quad B1;

    /// <summary>Of block 2.</summary>
    public Quad B2;

    /// <summary>Of block 3.</summary>
    public Quad B3;

    /// <summary>The scale of one key and block.</summary>
    public float Scale;
}
