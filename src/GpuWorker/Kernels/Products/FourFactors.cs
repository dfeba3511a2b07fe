namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>A unit's factors of each of four outputs.</summary>
internal struct FourFactors
{
    /// <summary>First output.</summary>
    public UnitFactors A;

    /// <summary>Second output.</summary>
    public UnitFactors B;

    /// <summary>Third output.</summary>
    public UnitFactors C;

    /// <summary>Fourth output.</summary>
    public UnitFactors D;
}
