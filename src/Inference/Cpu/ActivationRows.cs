namespace Winnow.Inference.Cpu;

/// <summary>Input rows of a product, as floats and, when a matrix asks for it, quantised.</summary>
/// <param name="Floats">First row.</param>
/// <param name="Stride">Floats from row to row, a multiple of 16.</param>
/// <param name="Quantized">The same rows in blocks.</param>
internal readonly unsafe record struct ActivationRows(IntPtr Floats, long Stride, QuantizedRows Quantized)
{
    /// <summary>A row of floats.</summary>
    public float* Row(int row) => (float*)Floats + (row * Stride);
}

/// <summary>Output rows of a product.</summary>
/// <param name="Floats">First row.</param>
/// <param name="Stride">Floats from row to row.</param>
/// <param name="Add">Add to what is there instead of replacing it.</param>
internal readonly unsafe record struct OutputRows(IntPtr Floats, long Stride, bool Add)
{
    /// <summary>A row of floats.</summary>
    public float* Row(int row) => (float*)Floats + (row * Stride);
}
