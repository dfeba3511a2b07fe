using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Winnow.Fetching;

/// <summary>The checksums of some chunks of a file, as a gateway's model store lists them.</summary>
public sealed record ModelStoreListing
{
    /// <summary>Path under which a gateway serves listings, <c>PATH/NAME?first=N&amp;count=N</c>.</summary>
    public const string Path = "/models/checksums/";

    /// <summary>Most chunks of one listing.</summary>
    public const int MaxChunks = 4096;

    /// <summary>Bytes of a chunk.</summary>
    public const int ChunkBytes = ChunkPlan.ChunkBytes;

    /// <summary>Bytes of a chunk, for peers of another version.</summary>
    [JsonPropertyName("chunk_bytes")]
    public int Bytes { get; init; } = ChunkBytes;

    /// <summary>SHA-256 of each chunk, lower-case hex.</summary>
    [JsonPropertyName("sha256")]
    public required IReadOnlyList<string> Checksums { get; init; }

    /// <summary>Reads a listing of so many chunks.</summary>
    internal static bool TryRead(byte[] json, int count, [NotNullWhen(true)] out byte[][]? checksums)
    {
        checksums = null;
        try
        {
            ModelStoreListing? listing = JsonSerializer.Deserialize<ModelStoreListing>(json);
            if (listing?.Checksums.Count == count && listing.Bytes == ChunkBytes && listing.Checksums.All(text => text?.Length == 2 * ChunkMap.HashBytes))
            {
                checksums = [.. listing.Checksums.Select(Convert.FromHexString)];
            }
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return false;
        }
        return checksums is not null;
    }
}
