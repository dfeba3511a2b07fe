namespace Winnow.Fetching;

/// <summary>What a server says about a file: as long as this stays the same, its bytes do.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="ETag">Its entity tag with quotes and the mark of a weak one, or empty.</param>
/// <param name="LastModified">Its date as the server wrote it, or empty.</param>
/// <param name="HasRanges">Whether the server sends parts of it.</param>
internal sealed record RemoteFile(long Length, string ETag, string LastModified, bool HasRanges)
{
    /// <summary>What the same file is known by: its tag, or else its date.</summary>
    public string Validator => ETag.Length > 0 ? ETag : LastModified;

    /// <summary>Whether an answer's headers are those of this file. What either does not have is not compared.</summary>
    public bool IsSame(RemoteFile other) => Length == other.Length && IsSame(ETag, other.ETag) && IsSame(LastModified, other.LastModified);

    private static bool IsSame(string left, string right) => left.Length == 0 || right.Length == 0 || left == right;
}
