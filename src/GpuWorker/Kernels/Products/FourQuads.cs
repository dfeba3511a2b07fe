namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>16 codes of each of four outputs.</summary>
internal struct FourQuads
{
    /// <summary>First output.</summary>
    public Quad A;

    /// <summary>Second output.</summary>
    public Quad B;

    /// <summary>Third output.</summary>
    public Quad C;

    /// <summary>Fourth output.</summary>
    public Quad D;
}
