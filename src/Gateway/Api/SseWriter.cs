using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace Winnow.Gateway.Api;

/// <summary>Writes server-sent events: <c>data: JSON</c>, flushed one by one, and <c>data: [DONE]</c> at the end.</summary>
internal sealed class SseWriter(HttpResponse response)
{
    private static readonly byte[] DataPrefix = "data: "u8.ToArray();
    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();
    private static readonly byte[] Done = "data: [DONE]\n\n"u8.ToArray();

    /// <summary>Sends the headers of an event stream.</summary>
    public void Start()
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Sends one event.</summary>
    public async Task WriteAsync<T>(T value, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        await response.BodyWriter.WriteAsync(DataPrefix, cancellation);
        await JsonSerializer.SerializeAsync(response.BodyWriter, value, type, cancellation);
        await response.BodyWriter.WriteAsync(EventEnd, cancellation);
    }

    /// <summary>Sends the last event.</summary>
    public async Task WriteDoneAsync(CancellationToken cancellation) => await response.BodyWriter.WriteAsync(Done, cancellation);
}
