using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Winnow.Gateway.Admission;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Gateway.Streams;

namespace Winnow.Gateway.Api;

/// <summary>Runs a job and writes its answer, whole or as events.</summary>
internal sealed partial class GenerationResponder(
    ApiInstruments instruments, CallerGate gate, AdmissionInstruments admission, IStreamSessions sessions, GatewayDrain drain, TimeProvider time, ILogger<GenerationResponder> logger)
{
    /// <summary>Runs and answers, when its caller may have it now; a client that goes away cancels the generation, and so does the request's deadline.</summary>
    /// <exception cref="ApiException">The caller may not have it, or its time or the gateway ends before the answer has begun.</exception>
    public async Task RespondAsync<TResponse>(HttpContext context, GenerationJob job, IResponseFormat<TResponse> format)
    {
        using RequestDeadline deadline = RequestDeadline.Set(context, job.Shared.TimeoutSeconds, drain.Cut, admission, time);
        using AdmittedRequest admitted = gate.Enter(context, job);
        var usage = new UsageCounter(job.PromptTokens, job.Shared.Sampling.Rule);
        using RequestTimer timer = instruments.Begin(job, time);
        context.Response.Headers["X-Request-Id"] = job.Id;
        try
        {
            // Only for a caller that may go on: what runs elsewhere loses its session by it.
            job = job.BeginRuns is { } begin ? await begin(deadline.Token) : job;
            IAsyncEnumerable<ChoiceUpdate> updates = Count(ChoiceRunner.RunAsync(job.Model, job.Choices, job.Shared.Stops, job.Resumes, deadline.Token), usage, timer, admitted, deadline);
            await (job.Shared.Stream ? StreamAsync(context, job, format, updates, usage, deadline) : AnswerAsync(context, job, format, updates, usage));
        }
        catch (OperationCanceledException) when (EndedBy(context, job, deadline) is { } reason)
        {
            throw reason;
        }
    }

    // Why a generation was cancelled that its client still waits for; null when the client has gone.
    private ApiException? EndedBy(HttpContext context, GenerationJob job, RequestDeadline deadline)
    {
        if (context.RequestAborted.IsCancellationRequested)
        {
            return null;
        }
        return deadline.HasPassed ? deadline.Error(job.Model.Generator.QueueWait) : drain.Cut.IsCancellationRequested ? drain.Draining() : null;
    }

    private static async IAsyncEnumerable<ChoiceUpdate> Count(
        IAsyncEnumerable<ChoiceUpdate> updates, UsageCounter usage, RequestTimer timer, AdmittedRequest admitted, RequestDeadline deadline)
    {
        await foreach (ChoiceUpdate update in updates)
        {
            usage.Add(update);
            timer.Observe(update);
            deadline.MarkStarted();
            admitted.Generated(update.IsRepeat || update.IsReplay ? 0 : update.Tokens.Count);
            yield return update;
        }
    }

    private static async Task AnswerAsync<TResponse>(
        HttpContext context, GenerationJob job, IResponseFormat<TResponse> format, IAsyncEnumerable<ChoiceUpdate> updates, UsageCounter usage)
    {
        var choices = new ChoiceResult[job.Choices.Count];
        for (int index = 0; index < choices.Length; index++)
        {
            choices[index] = new ChoiceResult();
        }
        await foreach (ChoiceUpdate update in updates)
        {
            choices[update.Index].Add(update);
        }
        context.Response.ContentType = "application/json; charset=utf-8";
        await JsonSerializer.SerializeAsync(context.Response.BodyWriter, format.Whole(choices, usage.ToUsage()), format.JsonType, context.RequestAborted);
    }

    private async Task StreamAsync<TResponse>(
        HttpContext context, GenerationJob job, IResponseFormat<TResponse> format, IAsyncEnumerable<ChoiceUpdate> updates, UsageCounter usage, RequestDeadline deadline)
    {
        CancellationToken aborted = context.RequestAborted;
        StreamPosition position = job.Told ?? StreamPosition.Start(job.Choices.Count, format.HasOpenings);
        var stream = new ResponseStream<TResponse>(new SseWriter(context.Response), format, position);
        Task opening = job.Told is null ? sessions.OpenAsync(job.Heads()) : Task.CompletedTask;
        try
        {
            await foreach (ChoiceUpdate update in updates)
            {
                if (!update.IsRepeat && !stream.HasStarted)
                {
                    // The id of an event is a promise that the stream can be taken up again behind it.
                    await opening;
                    // Headers wait for the first token, so that a refusal still gets its HTTP status.
                    await stream.StartAsync(aborted);
                }
                await stream.WriteAsync(update, aborted);
            }
            await stream.EndAsync(job.Shared.IncludeUsage ? usage.ToUsage() : null, aborted);
        }
        catch (OperationCanceledException) when (stream.HasStarted && EndedBy(context, job, deadline) is { } reason)
        {
            await stream.FailAsync(reason, aborted);
        }
        catch (Exception error) when (stream.HasStarted && error is not OperationCanceledException)
        {
            // The status has been sent; an error event is what is left to tell the client.
            LogStreamBroke(logger, error, job.Id);
            await stream.FailAsync(error is GenerationException known ? ErrorMapping.Map(known) : ApiException.Internal(), aborted);
        }
    }

    [LoggerMessage(EventId = 2012, Level = LogLevel.Warning, Message = "Request {RequestId}: its stream broke")]
    private static partial void LogStreamBroke(ILogger logger, Exception error, string requestId);
}
