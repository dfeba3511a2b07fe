using System.Collections.Frozen;

namespace Grpc.Protocol;

/// <summary>Names and values of the headers that gRPC itself uses (PROTOCOL-HTTP2.md of the gRPC project).</summary>
internal static class GrpcHeaders
{
    public const string ContentType = "application/grpc";
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";
    public const string Identity = "identity";

    private static readonly FrozenSet<string> Reserved = FrozenSet.ToFrozenSet(
        [
            Status, Message, Timeout, Encoding, AcceptEncoding, "content-type", "te", "host", "accept-encoding",
            "content-length", "transfer-encoding", "connection",
        ],
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether a header belongs to the protocol and not to the application's metadata.</summary>
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || Reserved.Contains(name);

    /// <summary>Whether a content type is that of gRPC over HTTP/2, with any message format; gRPC-Web is not.</summary>
    public static bool IsGrpcContentType(string? contentType)
    {
        if (contentType is null || !contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        return contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';';
    }
}
