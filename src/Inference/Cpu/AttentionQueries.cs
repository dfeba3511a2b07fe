using Winnow.Inference.Cache;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Queries of one sequence and one KV head with the tiles of 16 keys and values they read, in order of absolute position.
/// </summary>
/// <remarks>
/// Tiles are those of <see cref="KvStore"/>. A query of start s and length n reads positions s to n - 1; what the first tile holds before and
/// the last beyond is ignored.
/// </remarks>
internal readonly unsafe struct AttentionQueries
{
    /// <summary>Positions between which sums and outputs are brought to one largest score.</summary>
    public const int SpanTokens = 256;

    /// <summary>Most queries that share what they read.</summary>
    public const int MostTogether = 8;

    /// <summary>Most tiles that are floats at a time.</summary>
    public const int TilesTogether = 4;

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

    /// <summary>Bytes of a key tile.</summary>
    public required int KeyTileBytes { get; init; }

    /// <summary>Bytes of a value tile.</summary>
    public required int ValueTileBytes { get; init; }

    /// <summary>D: elements of a head.</summary>
    public required int HeadSize { get; init; }

    /// <summary>D rounded up to whole vectors or blocks, as the values are.</summary>
    public required int PaddedHeadSize { get; init; }

    /// <summary>Factor on the scores.</summary>
    public required float Scale { get; init; }

    /// <summary>Scores s become <c>SoftCap * tanh(s / SoftCap)</c>; 0 is off.</summary>
    public required float SoftCap { get; init; }

    /// <summary>Stored form of keys and values.</summary>
    public required KvType Type { get; init; }

    /// <summary>Scratch of <see cref="RoomFloats"/> floats: scores, then tiles as floats, then queries in another order.</summary>
    public required float* Room { get; init; }

    /// <summary>Room for queries in another order: <see cref="MostTogether"/> padded heads.</summary>
    public float* QueryRoom => TileRoom(TilesTogether);

    /// <summary>Scratch for heads of a padded size.</summary>
    public static int RoomFloats(int paddedHeadSize) =>
        (MostTogether * SpanTokens) + (((TilesTogether * KvStore.TileRows) + MostTogether) * paddedHeadSize);

    /// <summary>Room for a tile as floats.</summary>
    public float* TileRoom(int index) => Room + (MostTogether * SpanTokens) + (index * KvStore.TileRows * PaddedHeadSize);
}
