using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Winnow.Contracts.Grains;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>Taking up streams again: <c>GET /v1/streams/{id}</c> with <c>Last-Event-ID</c>.</summary>
internal sealed class StreamEndpoints(IModelRegistry models, IStreamSessions sessions, GenerationResponder responder)
{
    private const string LastEventId = "Last-Event-ID";
    private const int MostIdCharacters = 64;

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
        GenerationJob job = stream.ToJob(models.Require(stream.Model), told);
        await (stream.Session.Kind == StreamKind.Chat
            ? responder.RespondAsync(context, job, new ChatFormat(job))
            : responder.RespondAsync(context, job, new CompletionFormat(job)));
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
