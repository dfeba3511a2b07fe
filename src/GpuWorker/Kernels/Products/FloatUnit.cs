namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>Eight neighbouring floats in registers.</summary>
internal struct FloatUnit
{
    /// <summary>The first four.</summary>
    public FloatQuad Low;

    /// <summary>The last four.</summary>
    public FloatQuad High;
}
