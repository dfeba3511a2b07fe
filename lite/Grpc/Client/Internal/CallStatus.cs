using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Grpc.Core;
using Grpc.Protocol;

namespace Grpc.Net.Client.Internal;

/// <summary>What a response or a broken transport means as a gRPC status (http-grpc-status-mapping.md and PROTOCOL-HTTP2.md).</summary>
internal static class CallStatus
{
    /// <summary>The status in headers or trailers.</summary>
    /// <returns>Null when there is none.</returns>
    public static Status? FromHeaders(HttpHeaders headers)
    {
        string? code = Single(headers, GrpcHeaders.Status);
        if (code is null)
        {
            return null;
        }

        string detail = PercentEncoding.Decode(Single(headers, GrpcHeaders.Message) ?? "");
        return int.TryParse(code, out int value) && value is >= 0 and <= (int)StatusCode.Unauthenticated
            ? new Status((StatusCode)value, detail)
            : new Status(StatusCode.Unknown, $"The server sent the unknown status '{code}'. {detail}".TrimEnd());
    }

    /// <summary>The status of a response that is not one of gRPC.</summary>
    /// <returns>Null when the response may go on to its messages.</returns>
    public static Status? FromResponse(HttpResponseMessage response)
    {
        if (response.StatusCode != HttpStatusCode.OK)
        {
            return new Status(FromHttp(response.StatusCode), $"Bad gRPC response. HTTP status code: {(int)response.StatusCode}");
        }

        string? contentType = Single(response.Content.Headers, "Content-Type");
        return GrpcHeaders.IsGrpcContentType(contentType)
            ? null
            : new Status(StatusCode.Unknown, $"Bad gRPC response. Invalid content-type value: {contentType}");
    }

    /// <summary>The status of a call whose transport failed.</summary>
    public static Status FromException(Exception exception)
    {
        StatusCode code = StatusCode.Internal;
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            if (cause is HttpProtocolException protocol)
            {
                code = FromHttp2Error(protocol.ErrorCode);
                break;
            }

            if (cause is HttpRequestException or IOException or SocketException)
            {
                code = StatusCode.Unavailable;
            }
        }

        string inner = exception.InnerException is { } reason ? $" {reason.GetType().Name}: {reason.Message}" : "";
        return new Status(code, $"Error in gRPC call. {exception.GetType().Name}: {exception.Message}{inner}", exception);
    }

    /// <summary>The first value of a header.</summary>
    public static string? Single(HttpHeaders headers, string name)
    {
        if (!headers.NonValidated.TryGetValues(name, out HeaderStringValues values))
        {
            return null;
        }

        HeaderStringValues.Enumerator each = values.GetEnumerator();
        return each.MoveNext() ? each.Current : null;
    }

    private static StatusCode FromHttp(HttpStatusCode code) => (int)code switch
    {
        400 => StatusCode.Internal,
        401 => StatusCode.Unauthenticated,
        403 => StatusCode.PermissionDenied,
        404 => StatusCode.Unimplemented,
        429 or 502 or 503 or 504 => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    private static StatusCode FromHttp2Error(long code) => code switch
    {
        0x5 => StatusCode.Unknown, // STREAM_CLOSED
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        _ => StatusCode.Internal,
    };
}
