using System.Globalization;
using Grpc.Core;
using Grpc.Protocol;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Writes the status of a call: as trailers after a response that has begun, otherwise as the headers of a response without a body.</summary>
internal static class ResponseStatus
{
    /// <summary>Writes status and trailing metadata.</summary>
    public static void Write(HttpResponse response, Status status, Metadata? trailers)
    {
        bool started = response.HasStarted;
        foreach (Metadata.Entry entry in trailers ?? Metadata.Empty)
        {
            Append(response, started, entry.Key, MetadataReader.Encode(entry));
        }

        Append(response, started, GrpcHeaders.Status, ((int)status.StatusCode).ToString(CultureInfo.InvariantCulture));
        if (!string.IsNullOrEmpty(status.Detail))
        {
            Append(response, started, GrpcHeaders.Message, PercentEncoding.Encode(status.Detail));
        }
    }

    private static void Append(HttpResponse response, bool started, string key, string value)
    {
        if (started)
        {
            response.AppendTrailer(key, value);
        }
        else
        {
            response.Headers.Append(key, new StringValues(value));
        }
    }
}
