using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>A streamed answer from wherever its client stands to its end; every event carries the position behind it.</summary>
/// <param name="sse">Writes the events.</param>
/// <param name="format">Words them.</param>
/// <param name="position">What the client has; moves with every event.</param>
internal sealed class ResponseStream<TResponse>(SseWriter sse, IResponseFormat<TResponse> format, StreamPosition position)
{
    /// <summary>The headers have been sent.</summary>
    public bool HasStarted { get; private set; }

    /// <summary>Sends the headers, and the events before the first token that the client lacks.</summary>
    public async Task StartAsync(CancellationToken cancellation)
    {
        HasStarted = true;
        sse.Start();
        for (int choice = 0; choice < position.Choices; choice++)
        {
            if (!position.IsOpen(choice))
            {
                position.Open(choice);
                await sse.WriteAsync(position, format.Opening(choice), format.JsonType, cancellation);
            }
        }
    }

    /// <summary>Sends an update, unless the client has had it.</summary>
    public async Task WriteAsync(ChoiceUpdate update, CancellationToken cancellation)
    {
        if (update.IsRepeat)
        {
            format.Pass(update);
            return;
        }
        position.Add(update.Index, update.Tokens.Count);
        foreach (ResponseChunk<TResponse> chunk in format.Chunks(update))
        {
            if (chunk.EndsChoice)
            {
                position.End(update.Index);
            }
            await sse.WriteAsync(position, chunk.Value, format.JsonType, cancellation);
        }
    }

    /// <summary>Sends what comes after the last token.</summary>
    /// <param name="usage">The usage, or <see langword="null"/> where it was not asked for.</param>
    /// <param name="cancellation">The client has gone.</param>
    public async Task EndAsync(Usage? usage, CancellationToken cancellation)
    {
        if (!HasStarted)
        {
            await StartAsync(cancellation);
        }
        if (usage is not null && !position.IsUsageTold)
        {
            position.TellUsage();
            await sse.WriteAsync(position, format.UsageChunk(usage), format.JsonType, cancellation);
        }
        position.Finish();
        await sse.WriteDoneAsync(position, cancellation);
    }

    /// <summary>Sends why the stream ends here. The event has no id, so that a client that comes back names the one before it.</summary>
    public Task FailAsync(ApiException error, CancellationToken cancellation) => sse.WriteAsync(id: null, ErrorBody.From(error), ApiJson.Relaxed.ErrorBody, cancellation);
}
