using Grpc.Core;

namespace Grpc.Protocol;

/// <summary>Turns HTTP headers into metadata.</summary>
internal static class MetadataReader
{
    /// <summary>
    /// Adds a header unless it belongs to the protocol. A <c>-bin</c> header may hold several values separated by commas. What is not a
    /// valid entry (a name with odd characters, bytes that are not base64) is left out: the peer sent it, the application did not ask for it.
    /// </summary>
    public static void Add(Metadata metadata, string name, string? value)
    {
        if (value is null || GrpcHeaders.IsReserved(name) || !Metadata.Entry.IsValidKey(name))
        {
            return;
        }

        if (!Metadata.Entry.IsBinaryKey(name))
        {
            metadata.Add(name, value);
            return;
        }

        foreach (Range part in value.AsSpan().Split(','))
        {
            if (BinaryHeader.TryDecode(value.AsSpan(part), out byte[] bytes))
            {
                metadata.Add(name.ToLowerInvariant(), bytes);
            }
        }
    }

    /// <summary>The text of an entry on the wire.</summary>
    public static string Encode(Metadata.Entry entry) => entry.IsBinary ? BinaryHeader.Encode(entry.BytesUnsafe) : entry.Value;
}
