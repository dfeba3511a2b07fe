using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>Writes server-sent events: <c>id: POSITION</c> and <c>data: JSON</c>, flushed one by one, and <c>data: [DONE]</c> at the end.</summary>
internal sealed class SseWriter(HttpResponse response)
{
    private static readonly byte[] DataPrefix = "data: "u8.ToArray();
    private static readonly byte[] EventEnd = "\n\n"u8.ToArray();

    /// <summary>Sends the headers of an event stream.</summary>
    public void Start()
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "text/event-stream; charset=utf-8";
        response.Headers.CacheControl = "no-cache";
        response.Headers["X-Accel-Buffering"] = "no";
    }

    /// <summary>Sends one event.</summary>
    /// <param name="id">Where the stream stands after it, or <see langword="null"/> for an event that is no part of the stream.</param>
    /// <param name="value">Its data.</param>
    /// <param name="type">How to write them.</param>
    /// <param name="cancellation">The client has gone.</param>
    public async Task WriteAsync<T>(StreamPosition? id, T value, JsonTypeInfo<T> type, CancellationToken cancellation)
    {
        PipeWriter body = response.BodyWriter;
        if (id is not null)
        {
            Encoding.ASCII.GetBytes($"id: {id}\n", body);
        }
        body.Write(DataPrefix);
        await JsonSerializer.SerializeAsync(body, value, type, cancellation);
        await body.WriteAsync(EventEnd, cancellation);
    }

    /// <summary>Sends the last event.</summary>
    public async Task WriteDoneAsync(StreamPosition id, CancellationToken cancellation)
    {
        Encoding.ASCII.GetBytes($"id: {id}\ndata: [DONE]\n\n", response.BodyWriter);
        await response.BodyWriter.FlushAsync(cancellation);
    }
}
