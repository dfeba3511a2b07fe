using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Winnow.Fetching;

/// <summary>One file on one or several servers that all have the same bytes.</summary>
internal sealed class MirroredFile
{
    private const int MaxChecksumFile = 4096;
    private const int MaxListing = 1 << 20;
    private const int HexDigits = 2 * ChunkMap.HashBytes;
    private readonly IReadOnlyList<Uri> _urls;
    private readonly RemoteFile?[] _known;
    private readonly RangeClient _client;
    private readonly FetchPolicies _policies;
    private readonly FetchCredentials _credentials;

    private MirroredFile(IReadOnlyList<Uri> urls, RemoteFile?[] known, RemoteFile file, RangeClient client, FetchPolicies policies, FetchCredentials credentials)
    {
        (_urls, _known, _client, _policies, _credentials) = (urls, known, client, policies, credentials);
        File = file;
    }

    /// <summary>Takes a chunk: its number, its bytes, which are the receiver's until its task ends, and their SHA-256.</summary>
    public delegate ValueTask ChunkKeeper(int chunk, ReadOnlyMemory<byte> bytes, byte[] checksum, CancellationToken cancellation);

    /// <summary>The first URL as it may be shown.</summary>
    public string Name => ModelLocation.Show(_urls[0]);

    /// <summary>What the server that answered first said about the file.</summary>
    public RemoteFile File { get; }

    /// <summary>Bytes in all.</summary>
    public long Length => File.Length;

    /// <summary>Whether parts of it can be had.</summary>
    public bool HasRanges => File.HasRanges;

    /// <summary>Asks the servers in turn for the file.</summary>
    /// <exception cref="ModelFetchException">None of them has it.</exception>
    public static async Task<MirroredFile> FindAsync(
        IReadOnlyList<Uri> urls, RangeClient client, FetchPolicies policies, FetchCredentials credentials, CancellationToken cancellation)
    {
        RemoteFile?[] known = new RemoteFile?[urls.Count];
        await policies.RunAsync(urls.Count, async (mirror, token) => known[mirror] = await client.ProbeAsync(urls[mirror], token), cancellation);
        return new MirroredFile(urls, known, known.First(file => file is not null)!, client, policies, credentials);
    }

    /// <summary>The file as it was when a server was last asked.</summary>
    public static MirroredFile Remembered(IReadOnlyList<Uri> urls, RemoteFile file, RangeClient client, FetchPolicies policies, FetchCredentials credentials) =>
        new(urls, new RemoteFile?[urls.Count], file, client, policies, credentials);

    /// <summary>Fetches chunks, from whichever server is first; all of the file where none sends parts.</summary>
    /// <param name="rest">The chunks that are still missing, first and count; asked before every attempt.</param>
    /// <param name="keep">Takes the chunks that came.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="ModelFetchException">They cannot be had; some may have come.</exception>
    public Task CopyAsync(Func<(int First, int Count)> rest, ChunkKeeper keep, CancellationToken cancellation) => _policies.RunAsync(_urls.Count, async (mirror, token) =>
    {
        RemoteFile file = await KnownAsync(mirror, token);
        (int first, int count) = file.HasRanges ? rest() : (0, ChunkPlan.Count(Length));
        if (count == 0)
        {
            return;
        }
        byte[][]? checksums = await ReadChecksumsAsync(_urls[mirror], first, count, token);
        long offset = (long)first * ChunkPlan.ChunkBytes;
        long length = Math.Min((long)count * ChunkPlan.ChunkBytes, Length - offset);
        await _client.CopyAsync(_urls[mirror], file, offset, length, async (at, bytes, limited) =>
        {
            int chunk = (int)(at / ChunkPlan.ChunkBytes);
            byte[] checksum = SHA256.HashData(bytes.Span);
            if (checksums is not null && !checksums[chunk - first].AsSpan().SequenceEqual(checksum))
            {
                throw Fault(mirror, $"chunk '{chunk}' does not have the checksum that the gateway gives for it", isTransient: true);
            }
            await keep(chunk, bytes, checksum, limited);
        }, token);
    }, cancellation);

    /// <summary>The checksum that lies beside the file on the server, <c>NAME.sha256</c>, as sha256sum writes it.</summary>
    /// <returns>Hex digits, or <see langword="null"/> when there is none.</returns>
    public async Task<string?> ReadChecksumAsync(CancellationToken cancellation)
    {
        if (_urls[0].Query.Length > 0)
        {
            return null;
        }
        byte[]? bytes = null;
        try
        {
            await _policies.RunAsync(_urls.Count, async (mirror, token) =>
                bytes = await _client.ReadSmallAsync(new UriBuilder(_urls[mirror]) { Path = _urls[mirror].AbsolutePath + ".sha256" }.Uri, MaxChecksumFile, token), cancellation);
        }
        catch (ModelFetchException refused) when (!refused.IsTransient)
        {
            // A server may refuse names that it does not know.
            return null;
        }
        string text = bytes is null ? "" : Encoding.UTF8.GetString(bytes).Trim();
        string digits = text[..Math.Min(HexDigits, text.Length)];
        return digits.Length == HexDigits && digits.All(char.IsAsciiHexDigit) && (text.Length == HexDigits || char.IsWhiteSpace(text[HexDigits])) ? digits.ToLowerInvariant() : null;
    }

    private async Task<RemoteFile> KnownAsync(int mirror, CancellationToken cancellation)
    {
        RemoteFile file = _known[mirror] ??= await _client.ProbeAsync(_urls[mirror], cancellation);
        return file.Length == Length && (_urls.Count > 1 || file.IsSame(File))
            ? file
            : throw new ModelFetchException(ModelLocation.Show(_urls[mirror]),
                $"it has '{file.Length}' bytes and tag '{file.Validator}'; of the same file {Length} bytes were expected, and tag '{File.Validator}' of the same server",
                "mirrors must have the same file")
            { HasChanged = true };
    }

    /// <summary>The checksums that a gateway's model store gives for chunks; <see langword="null"/> for other servers.</summary>
    private async Task<byte[][]?> ReadChecksumsAsync(Uri url, int first, int count, CancellationToken cancellation)
    {
        if (!_credentials.IsStore(url))
        {
            return null;
        }
        string path = ModelStoreListing.Path + url.AbsolutePath[ModelLocation.StorePath.Length..];
        Uri listing = new UriBuilder(url) { Path = path, Query = FormattableString.Invariant($"first={first}&count={count}") }.Uri;
        byte[]? json = await _client.ReadSmallAsync(listing, MaxListing, cancellation);
        return json is not null && ModelStoreListing.TryRead(json, count, out byte[][]? checksums)
            ? checksums
            : throw new ModelFetchException(ModelLocation.Show(url), "the gateway does not give the checksums of its chunks", "run one version of Winnow everywhere");
    }

    private ModelFetchException Fault(int mirror, string reason, bool isTransient) =>
        new(ModelLocation.Show(_urls[mirror]), reason, "it is fetched again") { IsTransient = isTransient };
}
