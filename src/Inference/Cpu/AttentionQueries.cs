namespace Winnow.Inference.Cpu;

/// <summary>
/// Queries of one sequence and one KV head with the tiles of 16 keys and values they read, in order of absolute position.
/// </summary>
/// <remarks>
/// Key tile: [head size][16 positions], value tile: [16 positions][padded head size], halves or floats. A query of start s and length n reads
/// positions s to n - 1; what the first tile holds before and the last beyond is ignored.
/// </remarks>
internal readonly unsafe struct AttentionQueries
{
    /// <summary>Queries.</summary>
    public required int Count { get; init; }

    /// <summary>Query vectors of <see cref="HeadSize"/> floats.</summary>
    public required float** Queries { get; init; }

    /// <summary>Where each result goes; <see cref="PaddedHeadSize"/> floats are written.</summary>
    public required float** Outputs { get; init; }

    /// <summary>Position of the first key each query reads, below its length.</summary>
    public required int* Starts { get; init; }

    /// <summary>Position after the last key each query reads, at least 1.</summary>
    public required int* Lengths { get; init; }

    /// <summary>Key tiles by position / 16; those before every start are not read.</summary>
    public required byte** KeyTiles { get; init; }

    /// <summary>Value tiles by position / 16; those before every start are not read.</summary>
    public required byte** ValueTiles { get; init; }

    /// <summary>D: elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>D rounded up to 16.</summary>
    public required int PaddedHeadSize { get; init; }

    /// <summary>Factor on the scores.</summary>
    public required float Scale { get; init; }

    /// <summary>Scores s become <c>SoftCap * tanh(s / SoftCap)</c>; 0 is off.</summary>
    public required float SoftCap { get; init; }

    /// <summary>Tiles hold halves, not floats.</summary>
    public required bool Halves { get; init; }

    /// <summary>Scratch of <see cref="Count"/> rows.</summary>
    public required float* Scores { get; init; }

    /// <summary>Floats from scratch row to scratch row, a multiple of 16 and at least the longest length.</summary>
    public required long ScoreStride { get; init; }
}
