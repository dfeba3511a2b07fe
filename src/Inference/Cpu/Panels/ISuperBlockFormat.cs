namespace Winnow.Inference.Cpu.Panels;

/// <summary>
/// A weight type in super-blocks of 256, cut into sub-blocks with integer scales:
/// <c>w = d * scale * (code - Offset) - dmin * minimum</c>.
/// </summary>
/// <remarks>
/// Packed, a panel's super-block has beside its code planes: the scales (bytes: sub-block by sub-block for sub-blocks of 32, otherwise two
/// sub-blocks together, output by output), the minima (bytes, two sub-blocks together, output by output), 16 halves d and 16 halves dmin. With
/// <see cref="HasNibbleScales"/> a byte is the scale and, in its high half, the minimum. Scales and minima of sub-blocks of 32 with minima have six
/// bits and are stored in three quarters of that (<see cref="SixBitScales"/>).
/// </remarks>
internal unsafe interface ISuperBlockFormat
{
    /// <summary>Inputs of a sub-block: 16 or 32.</summary>
    static abstract int SubBlock { get; }

    /// <summary>Taken from every code's value; 0 with minima.</summary>
    static abstract int Offset { get; }

    /// <summary>Sub-blocks have a minimum.</summary>
    static abstract bool HasMinimum { get; }

    /// <summary>Scale and minimum share a byte; only with sub-blocks of 16.</summary>
    static abstract bool HasNibbleScales { get; }

    /// <summary>Where the half d lies in the file's block; dmin follows it.</summary>
    static abstract int ScaleAt { get; }

    /// <summary>Reads 32 codes of a file's block, one a byte.</summary>
    /// <param name="block">The file's block.</param>
    /// <param name="part">Which 32 of the 256 inputs.</param>
    /// <param name="codes">32 bytes.</param>
    static abstract void ReadCodes(byte* block, int part, byte* codes);

    /// <summary>Reads the sub-blocks' scales and, if there are any, minima.</summary>
    static abstract void ReadScales(byte* block, sbyte* scales, byte* minima);
}
