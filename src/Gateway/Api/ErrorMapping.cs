using Microsoft.AspNetCore.Http;
using Winnow.Gateway.Coordination;

namespace Winnow.Gateway.Api;

/// <summary>Which HTTP error each generation error becomes.</summary>
internal static class ErrorMapping
{
    public static ApiException Map(GenerationException error) => error.Type switch
    {
        GenerationErrors.ContextExceeded or GenerationErrors.InvalidRequest or GenerationErrors.GrammarFailed => ApiException.Invalid(null, error.Message, error.Type),
        GenerationErrors.Overloaded => new ApiException(StatusCodes.Status429TooManyRequests, "rate_limit_error", error.Type, error.Message) { RetryAfterSeconds = ApiException.SecondsOf(error.RetryAfter ?? TimeSpan.Zero) },
        GenerationErrors.TakenOver => new ApiException(StatusCodes.Status409Conflict, "invalid_request_error", error.Type, error.Message),
        GenerationErrors.Unavailable or GenerationErrors.ModelChanged => ApiException.Unavailable(error.Type, error.Message, error.RetryAfter ?? TimeSpan.Zero),
        _ => new ApiException(StatusCodes.Status500InternalServerError, "server_error", error.Type, error.Message),
    };
}
