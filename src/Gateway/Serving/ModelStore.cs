using System.Buffers;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;
using Microsoft.Win32.SafeHandles;
using Winnow.Fetching;
using Winnow.Hosting;

namespace Winnow.Gateway.Serving;

/// <summary>The directory of models that other processes of the cluster fetch from this gateway, and who may.</summary>
/// <param name="options">The directory.</param>
/// <param name="token">The secret that guards it.</param>
internal sealed class ModelStore(IOptions<GatewayOptions> options, ClusterToken token)
{
    private readonly string? _root = options.Value.ModelStore.Length == 0 ? null : Path.GetFullPath(options.Value.ModelStore);

    /// <summary>Whether a request may read: it carries the cluster token, or there is none and it comes from this machine.</summary>
    public bool Admits(HttpContext context)
    {
        StringValues header = context.Request.Headers.Authorization;
        return token.Value is null
            ? context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
            : token.Admits(header.Count == 1 ? header[0] : null);
    }

    /// <summary>A file of the store.</summary>
    /// <param name="name">Its name, with folders before it; nothing else is looked at, so no name leads out of the directory.</param>
    /// <returns><see langword="null"/> when there is none of that name.</returns>
    public FileInfo? Find(string name)
    {
        if (_root is null || !name.Split('/').All(ModelLocation.IsPlain))
        {
            return null;
        }
        FileInfo file = new(Path.Combine(_root, name));
        return file.Exists ? file : null;
    }

    /// <summary>What a file is known by as long as it stays the same: its length and the time it was written.</summary>
    public static string TagOf(FileInfo file) => string.Create(CultureInfo.InvariantCulture, $"\"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}\"");

    /// <summary>The checksums of some chunks of a file; <see langword="null"/> when it has not so many.</summary>
    public static async Task<ModelStoreListing?> ListAsync(FileInfo file, int first, int count, CancellationToken cancellation)
    {
        long chunks = (file.Length + ModelStoreListing.ChunkBytes - 1) / ModelStoreListing.ChunkBytes;
        if (first < 0 || count is < 1 or > ModelStoreListing.MaxChunks || first > chunks - count)
        {
            return null;
        }
        using SafeFileHandle handle = File.OpenHandle(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read, FileOptions.Asynchronous);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(ModelStoreListing.ChunkBytes);
        try
        {
            List<string> checksums = [];
            for (long chunk = first; chunk < first + count; chunk++)
            {
                int read = await RandomAccess.ReadAsync(handle, buffer.AsMemory(0, ModelStoreListing.ChunkBytes), chunk * ModelStoreListing.ChunkBytes, cancellation);
                checksums.Add(Convert.ToHexStringLower(SHA256.HashData(buffer.AsSpan(0, read))));
            }
            return new ModelStoreListing { Checksums = checksums };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
