namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// A weight type in blocks of 32 with a scale each: <c>w = scale * (code - Offset) + minimum</c>. Its file block is
/// the scale, the minimum if there is one, and the codes.
/// </summary>
/// <remarks>Packed, a panel's block has 16 scales and then 16 minima beside its code planes.</remarks>
internal unsafe interface IBlockFormat
{
    /// <summary>Taken from every code's value.</summary>
    static abstract int Offset { get; }

    /// <summary>A half is added to every weight.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>Scales are powers of two in a byte instead of halves.</summary>
    static abstract bool HasExponent { get; }

    /// <summary>Reads the 32 codes of a file's block, one a byte.</summary>
    static abstract void ReadCodes(byte* block, byte* codes);
}
