using ILGPU;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>A form of numbers that are multiplied as floats.</summary>
internal interface IFloatForm
{
    /// <summary>Planes of a unit of eight numbers.</summary>
    static abstract int Planes { get; }

    /// <summary>Loads a unit.</summary>
    /// <param name="numbers">The matrix's numbers.</param>
    /// <param name="at">The unit's plane 0.</param>
    /// <param name="stride">From a plane to the next.</param>
    static abstract FloatUnit Load(ArrayView<Quad> numbers, int at, int stride);
}
