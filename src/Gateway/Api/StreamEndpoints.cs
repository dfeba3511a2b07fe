using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>Taking up streams again: <c>GET /v1/streams/{id}</c> with <c>Last-Event-ID</c>.</summary>
internal sealed class StreamEndpoints(IModelRegistry models, IStreamSessions sessions, GenerationResponder responder, TimeProvider time)
{
    private const string LastEventId = "Last-Event-ID";
    private const int MostIdCharacters = 64;

    // A run that the client has just left writes the rest of its tokens at once, one that goes on somewhere within a checkpoint's interval.
    private static readonly TimeSpan FollowLimit = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FollowPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Adds the route.</summary>
    public static void Map(IEndpointRouteBuilder routes)
        => routes.MapGet("/v1/streams/{id}", (HttpContext context, string id, StreamEndpoints endpoints) => endpoints.ResumeAsync(context, id));

    // Every gateway answers: what was generated is in the session, and the generation goes on from there by itself. If the stream still runs anywhere, that run gives way.
    private async Task ResumeAsync(HttpContext context, string id)
    {
        SessionSnapshot snapshot = await FindAsync(id, context.RequestAborted) ?? throw NotFound(id);
        StoredStream stream = StoredStream.Read(snapshot) ?? throw NotFound(id);
        if (stream.Session.Owner != StreamOwner.Of(context))
        {
            // As if it did not exist: whoever asks must not learn of it.
            throw NotFound(id);
        }
        StreamPosition told = ReadPosition(context.Request, stream.Session);
        if (told.IsDone)
        {
            // What makes an event source give up.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }
        stream = await FollowAsync(stream, id, told, context.RequestAborted);
        GenerationJob job = stream.ToJob(models.Require(stream.Model), told, time.GetUtcNow());
        await (stream.Session.Kind == StreamKind.Chat
            ? responder.RespondAsync(context, job, new ChatFormat(job))
            : responder.RespondAsync(context, job, new CompletionFormat(job)));
    }

    /// <summary>The stream as soon as its session knows all that the client has, where that does not come again by itself.</summary>
    private async Task<StoredStream> FollowAsync(StoredStream stream, string id, StreamPosition told, CancellationToken cancellation)
    {
        long since = time.GetTimestamp();
        while (!stream.Follows(told))
        {
            if (time.GetElapsedTime(since) >= FollowLimit)
            {
                throw stream.NotFollowing(told);
            }
            await Task.Delay(FollowPause, time, cancellation);
            SessionSnapshot snapshot = await sessions.FindAsync(id, cancellation) ?? throw NotFound(id);
            stream = StoredStream.Read(snapshot) ?? throw NotFound(id);
        }
        return stream;
    }

    private async Task<SessionSnapshot?> FindAsync(string id, CancellationToken cancellation)
    {
        bool isId = id.Length <= MostIdCharacters
            && (id.StartsWith(GenerationJob.ChatPrefix, StringComparison.Ordinal) || id.StartsWith(GenerationJob.CompletionPrefix, StringComparison.Ordinal));
        return isId && id.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') ? await sessions.FindAsync(id, cancellation) : null;
    }

    private static StreamPosition ReadPosition(HttpRequest request, StreamSession session)
    {
        string text = request.Headers[LastEventId].ToString();
        if (text.Length == 0)
        {
            return StreamPosition.Start(session.Choices, hasOpenings: session.Kind == StreamKind.Chat);
        }
        StreamPosition? position = StreamPosition.Parse(text, session.Choices);
        bool isPossible = position is not null && Enumerable.Range(0, session.Choices).All(choice => position.Tokens(choice) <= session.MaxTokens);
        return isPossible ? position! : throw ApiException.Invalid(LastEventId,
            $"'{LastEventId}' is '{text}', which is no event of this stream with '{session.Choices}' choices; send the id of its last event that came.", "invalid_last_event_id");
    }

    private static ApiException NotFound(string id) => new(StatusCodes.Status404NotFound, "invalid_request_error", "stream_not_found",
        $"There is no stream '{id}' that this key may read; streams are kept for a while after their end, and only those that were opened with 'stream': true.", "id");
}
