namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// A form of 16-bit numbers that tensor cores multiply. The floats of a row become the sum of a few such numbers each, its parts: the nearest,
/// the nearest to what is left, and so on.
/// </summary>
internal interface ITensorFloatForm : IFloatForm
{
    /// <summary>Parts of a float: 2 or 3.</summary>
    static abstract int Parts { get; }

    /// <summary>Quarters of rows are divided by their scales first.</summary>
    static abstract bool HasRowScales { get; }

    /// <summary>Two floats, rounded, the first in the low 16 bits.</summary>
    static abstract int Pack(float low, float high);

    /// <summary>The float of the low 16 bits.</summary>
    static abstract float WidenLow(int packed);

    /// <summary>The float of the high 16 bits.</summary>
    static abstract float WidenHigh(int packed);

    /// <summary>16 x 16 times 16 x 8, as <see cref="Tensor.TensorCore.Halves16"/>.</summary>
    static abstract FloatQuad Multiply(Quad a, Pair b, FloatQuad sum);
}
