using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>What an emitted panel product is called with. Emitted code reads the fields by their offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PanelArguments
{
    /// <summary>The panel's code planes.</summary>
    public byte* Codes;

    /// <summary>The panel's scales.</summary>
    public byte* Scales;

    /// <summary>Blocks, or super-blocks; at least 1.</summary>
    public long Blocks;

    /// <summary>Activation codes of the first row.</summary>
    public sbyte* Input;

    /// <summary>Bytes from row to row of activation codes.</summary>
    public long InputStride;

    /// <summary>Activation scales of the first row.</summary>
    public float* InputScales;

    /// <summary>Bytes from row to row of activation scales, and of sums that have one entry a block.</summary>
    public long ScaleStride;

    /// <summary>Sums of activation codes of the first row: integers for blocks, words for super-blocks.</summary>
    public void* Sums;

    /// <summary>Bytes from row to row of <see cref="Sums"/>.</summary>
    public long SumStride;

    /// <summary>Scaled sums of the first row, for blocks with a minimum.</summary>
    public float* ScaledSums;

    /// <summary>16 totals for each row, added to.</summary>
    public float* Totals;

    /// <summary>16 bytes of a table of codes; for scales of six bits room for them to be opened; else null.</summary>
    public byte* Table;
}
