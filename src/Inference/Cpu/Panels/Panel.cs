namespace Winnow.Inference.Cpu.Panels;

/// <summary>16 packed rows of a matrix.</summary>
/// <param name="codes">Code planes, block by block.</param>
/// <param name="scales">Scales, block by block.</param>
/// <param name="blocks">Blocks, or super-blocks.</param>
internal readonly unsafe struct Panel(byte* codes, byte* scales, int blocks)
{
    /// <summary>Code planes, block by block.</summary>
    public readonly byte* Codes = codes;

    /// <summary>Scales, block by block.</summary>
    public readonly byte* Scales = scales;

    /// <summary>Blocks, or super-blocks.</summary>
    public readonly int Blocks = blocks;
}
