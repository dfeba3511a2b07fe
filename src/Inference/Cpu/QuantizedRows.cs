namespace Winnow.Inference.Cpu;

/// <summary>
/// Rows of activations in blocks of 32 signed bytes with a scale, as ggml's Q8_0: scale = max|x| / 127 rounded to half,
/// code = round(x / unrounded scale), halves away from zero.
/// </summary>
/// <remarks>Codes are kept as bytes and as words (for processors that multiply words), with each block's sum of codes.</remarks>
internal readonly unsafe struct QuantizedRows
{
    /// <summary>Codes, one byte each.</summary>
    public readonly sbyte* Bytes;

    /// <summary>Codes, one word each.</summary>
    public readonly short* Words;

    /// <summary>Scales, one per block, widened from half.</summary>
    public readonly float* Scales;

    /// <summary>Sums of codes, one per block.</summary>
    public readonly int* Sums;

    /// <summary>Elements of a row, a multiple of 32.</summary>
    public readonly int Columns;

    /// <summary>Lays the parts out in one piece of memory.</summary>
    /// <param name="memory">At least <see cref="BytesFor"/> bytes, 64-byte aligned.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row, a multiple of 32.</param>
    public QuantizedRows(byte* memory, int rows, int columns)
    {
        long elements = (long)rows * columns;
        Columns = columns;
        Words = (short*)memory;
        Bytes = (sbyte*)(memory + (elements * 2));
        Scales = (float*)(memory + (elements * 3));
        Sums = (int*)(memory + (elements * 3) + (elements / 8));
    }

    /// <summary>Blocks of a row.</summary>
    public int Blocks => Columns / WeightMatrix.BlockElements;

    /// <summary>Memory for so many rows.</summary>
    public static long BytesFor(int rows, int columns) => ((long)rows * columns * 3) + ((long)rows * columns / 4);
}
