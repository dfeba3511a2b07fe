using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Templates;

namespace Winnow.Gateway.Api;

/// <summary>Turns every failure of a request into OpenAI's error shape; no stack trace reaches a client.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> logger)
{
    /// <summary>Runs the request.</summary>
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
            await AnswerUnmatchedAsync(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            LogClientGone(logger, context.Request.Path);
        }
        catch (ApiException error)
        {
            await WriteAsync(context, error);
        }
        catch (GenerationException error)
        {
            await WriteAsync(context, ErrorMapping.Map(error));
        }
        catch (TemplateException error)
        {
            await WriteAsync(context, ApiException.Invalid("messages", $"The chat template refused the messages: {error.Message}", "template_error"));
        }
        catch (BadHttpRequestException error)
        {
            await WriteAsync(context, new ApiException(error.StatusCode, "invalid_request_error", "bad_request", error.Message));
        }
        catch (Exception error) when (!context.Response.HasStarted)
        {
            LogFailed(logger, error, context.Request.Path);
            await WriteAsync(context, ApiException.Internal());
        }
    }

    /// <summary>Writes an error body, unless the answer has begun.</summary>
    public static async Task WriteAsync(HttpContext context, ApiException error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return;
        }
        context.Response.Clear();
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json; charset=utf-8";
        if (error.RetryAfterSeconds is { } seconds)
        {
            context.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }
        await JsonSerializer.SerializeAsync(context.Response.Body, ErrorBody.From(error), ApiJson.Relaxed.ErrorBody, context.RequestAborted);
    }

    private static Task AnswerUnmatchedAsync(HttpContext context)
    {
        if (context.Response.HasStarted || context.GetEndpoint() is not null && context.Response.StatusCode != StatusCodes.Status405MethodNotAllowed)
        {
            return Task.CompletedTask;
        }
        return context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => WriteAsync(context, new ApiException(StatusCodes.Status404NotFound, "invalid_request_error", "unknown_url",
                $"There is no '{context.Request.Method} {context.Request.Path}' here; the API's routes are listed in docs/api.md.")),
            StatusCodes.Status405MethodNotAllowed => WriteAsync(context, new ApiException(StatusCodes.Status405MethodNotAllowed, "invalid_request_error", "method_not_allowed",
                $"'{context.Request.Path}' does not answer '{context.Request.Method}'.")),
            _ => Task.CompletedTask,
        };
    }

    [LoggerMessage(EventId = 2010, Level = LogLevel.Information, Message = "The client of '{Path}' went away; its generation is cancelled")]
    private static partial void LogClientGone(ILogger logger, string path);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Error, Message = "Request '{Path}' failed")]
    private static partial void LogFailed(ILogger logger, Exception error, string path);
}
