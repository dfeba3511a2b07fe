namespace Winnow.Inference.Cpu;

/// <summary>The forms in which a product wants its input rows.</summary>
[Flags]
internal enum InputForms
{
    /// <summary>Floats.</summary>
    None = 0,

    /// <summary>8-bit codes in blocks of 32.</summary>
    Blocks = 1,

    /// <summary>8-bit codes in super-blocks of 256.</summary>
    SuperBlocks = 2,
}

/// <summary>
/// Rows of activations as signed bytes with scales, as ggml rounds them for its integer products: in blocks of 32 (its Q8_0 and Q8_1:
/// scale = max|x| / 127, code = x * (127 / max|x|), nearest even, the scale then rounded to half) and in super-blocks of 256 (its Q8_K: the same
/// with a float scale).
/// </summary>
internal readonly unsafe struct QuantizedRows
{
    /// <summary>Blocks: codes.</summary>
    public readonly sbyte* Bytes;

    /// <summary>Blocks: scales, widened from half.</summary>
    public readonly float* Scales;

    /// <summary>Blocks: sums of codes.</summary>
    public readonly int* Sums;

    /// <summary>Blocks: sums of codes times the scale before rounding, rounded to half and widened.</summary>
    public readonly float* ScaledSums;

    /// <summary>Super-blocks: codes.</summary>
    public readonly sbyte* SuperBytes;

    /// <summary>Super-blocks: scales.</summary>
    public readonly float* SuperScales;

    /// <summary>Super-blocks: sums of 16 codes, 16 to a super-block.</summary>
    public readonly short* Sums16;

    /// <summary>Super-blocks: sums of 32 codes, 8 to a super-block.</summary>
    public readonly short* Sums32;

    /// <summary>Elements of a row, a multiple of 32.</summary>
    public readonly int Columns;

    private const int BlockScaleBytes = 2 * sizeof(float) + sizeof(int);
    private const int SuperScaleBytes = sizeof(float) + (24 * sizeof(short));

    /// <summary>Lays the parts out in one piece of memory.</summary>
    /// <param name="memory">At least <see cref="BytesFor"/> bytes, 64-byte aligned.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Elements of a row, a multiple of 32; super-blocks are there when it is a multiple of 256.</param>
    public QuantizedRows(byte* memory, int rows, int columns)
    {
        long blocks = (long)rows * columns / WeightMatrix.BlockElements;
        Columns = columns;
        Bytes = (sbyte*)memory;
        Scales = (float*)(memory + (blocks * WeightMatrix.BlockElements));
        Sums = (int*)(Scales + blocks);
        ScaledSums = (float*)(Sums + blocks);
        SuperBytes = (sbyte*)(ScaledSums + blocks);
        long superBlocks = (long)rows * SuperBlocks;
        SuperScales = (float*)(SuperBytes + (superBlocks * WeightMatrix.SuperBlockElements));
        Sums16 = (short*)(SuperScales + superBlocks);
        Sums32 = Sums16 + (superBlocks * 16);
    }

    /// <summary>Blocks of a row.</summary>
    public int Blocks => Columns / WeightMatrix.BlockElements;

    /// <summary>Super-blocks of a row; 0 when they are not there.</summary>
    public int SuperBlocks => Columns % WeightMatrix.SuperBlockElements == 0 ? Columns / WeightMatrix.SuperBlockElements : 0;

    /// <summary>Memory for so many rows.</summary>
    public static long BytesFor(int rows, int columns)
    {
        long blocks = ((long)rows * columns) / WeightMatrix.BlockElements;
        long superBlocks = ((long)rows * columns) / WeightMatrix.SuperBlockElements;
        return (blocks * (WeightMatrix.BlockElements + BlockScaleBytes)) + (superBlocks * (WeightMatrix.SuperBlockElements + SuperScaleBytes));
    }
}
