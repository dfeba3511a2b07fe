using ILGPU;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>
/// Prepared rows as a kernel writes them. Per row and unit position (<see cref="UnitPlace"/>): codes as planes, plane p of the units
/// of one step side by side, a scale, and in super-blocks the sums of 32 codes as eight 16-bit integers.
/// </summary>
internal struct ActivationViews
{
    /// <summary>Blocks: codes, two quads a unit.</summary>
    public ArrayView<Quad> BlockCodes;

    /// <summary>Blocks: scales, rounded to halves.</summary>
    public ArrayView<float> BlockScales;

    /// <summary>Super-blocks: codes, 16 quads a unit.</summary>
    public ArrayView<Quad> SuperCodes;

    /// <summary>Super-blocks: scales.</summary>
    public ArrayView<float> SuperScales;

    /// <summary>Super-blocks: sums of 32 codes, eight a unit.</summary>
    public ArrayView<short> SuperSums;

    /// <summary>Floats: two quads a unit.</summary>
    public ArrayView<FloatQuad> Floats;

    /// <summary>Floats: four powers of two for each row, one a quarter of its chains, of which the quarter's largest magnitude is 16,384 to 32,768 times one.</summary>
    public ArrayView<float> FloatScales;

    /// <summary>No prepared rows.</summary>
    public static ActivationViews None => new()
    {
        BlockCodes = ArrayView<Quad>.Empty,
        BlockScales = ArrayView<float>.Empty,
        SuperCodes = ArrayView<Quad>.Empty,
        SuperScales = ArrayView<float>.Empty,
        SuperSums = ArrayView<short>.Empty,
        Floats = ArrayView<FloatQuad>.Empty,
        FloatScales = ArrayView<float>.Empty,
    };
}
