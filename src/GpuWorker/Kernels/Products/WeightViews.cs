using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// A matrix as a kernel reads it, output by output. Per unit position (<see cref="UnitPlace"/>): codes or numbers as planes of 16
/// bytes, plane p of the units of one step side by side; scales and factors by position.
/// </summary>
internal struct WeightViews
{
    /// <summary>Codes or numbers.</summary>
    public ArrayView<Quad> Codes;

    /// <summary>Super-blocks: scales of sub-blocks; in Q4_K eight, then eight minima.</summary>
    public ArrayView<Quad> Scales;

    /// <summary>Halves d.</summary>
    public ArrayView<ushort> Factors;

    /// <summary>Halves dmin.</summary>
    public ArrayView<ushort> MinimumFactors;
}
