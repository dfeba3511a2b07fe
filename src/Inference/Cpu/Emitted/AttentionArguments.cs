using System.Runtime.InteropServices;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>What emitted attention is called with. Emitted code reads the fields by their offsets.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct AttentionArguments
{
    /// <summary>
    /// Groups of tiles, for each the tiles it reads and then as many to ask memory for meanwhile. A group is what
    /// <see cref="ScoreCode.TilesTogether"/> says, or one tile of values.
    /// </summary>
    public byte** Tiles;

    /// <summary>Groups, at least 1.</summary>
    public long Groups;

    /// <summary>Scores: half of a head's elements. Values: rows to read of each tile, at least 1.</summary>
    public long Steps;

    /// <summary>Scores: queries by element, [head size][queries]. Values: weights of the first query, the next one's a span on.</summary>
    public float* Factors;

    /// <summary>Scores of the first query, the next one's a span on; written whole tiles at a time.</summary>
    public float* Scores;

    /// <summary>Outputs, one pointer a query; added to.</summary>
    public float** Outputs;

    /// <summary>Bytes from value to value.</summary>
    public long RowBytes;

    /// <summary>Bytes into a value to begin at.</summary>
    public long ValueOffset;

    /// <summary>Bytes into an output to begin at.</summary>
    public long OutputOffset;

    /// <summary>Factor on the scores.</summary>
    public float Scale;
}
