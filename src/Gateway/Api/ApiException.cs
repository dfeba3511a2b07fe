using Microsoft.AspNetCore.Http;

namespace Winnow.Gateway.Api;

/// <summary>A request that ends with an HTTP error in OpenAI's shape: <c>{"error":{"message","type","param","code"}}</c>.</summary>
public sealed class ApiException(int status, string type, string code, string message, string? param = null) : Exception(message)
{
    /// <summary>HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>OpenAI's error class, for example <c>invalid_request_error</c>.</summary>
    public string Type { get; } = type;

    /// <summary>Stable snake_case code, listed in docs/errors.md.</summary>
    public string Code { get; } = code;

    /// <summary>The request field at fault, or <see langword="null"/>.</summary>
    public string? Param { get; } = param;

    /// <summary>Seconds after which a retry may succeed, for 429 and 503.</summary>
    public int? RetryAfterSeconds { get; init; }

    /// <summary>A bad value in the request: 400.</summary>
    public static ApiException Invalid(string? param, string message, string code = "invalid_value")
        => new(StatusCodes.Status400BadRequest, "invalid_request_error", code, message, param);

    /// <summary>A field Winnow does not have: 400.</summary>
    public static ApiException Unsupported(string param, string message)
        => new(StatusCodes.Status400BadRequest, "invalid_request_error", "unsupported_parameter", message, param);

    /// <summary>An unknown model: 404.</summary>
    public static ApiException ModelNotFound(string model, IEnumerable<string> known)
        => new(StatusCodes.Status404NotFound, "invalid_request_error", "model_not_found",
            $"The model '{model}' does not exist; served here: {string.Join(", ", known.Select(name => $"'{name}'"))}.", "model");

    /// <summary>Cannot serve now: 503 with Retry-After.</summary>
    /// <param name="code">Stable snake_case code.</param>
    /// <param name="message">What is said.</param>
    /// <param name="after">When a retry may succeed.</param>
    public static ApiException Unavailable(string code, string message, TimeSpan after)
        => new(StatusCodes.Status503ServiceUnavailable, "server_error", code, message) { RetryAfterSeconds = SecondsOf(after) };

    /// <summary>More than the caller may take now: 429 with Retry-After.</summary>
    public static ApiException RateLimited(string message, TimeSpan after)
        => new(StatusCodes.Status429TooManyRequests, "rate_limit_error", "rate_limit_exceeded", message) { RetryAfterSeconds = SecondsOf(after) };

    /// <summary>A time as Retry-After has it: whole seconds, at least one.</summary>
    public static int SecondsOf(TimeSpan time) => (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, int.MaxValue);

    /// <summary>A failure of the gateway itself: 500, without its inner text.</summary>
    public static ApiException Internal()
        => new(StatusCodes.Status500InternalServerError, "server_error", "internal_error", "The request failed inside the gateway; its log says why.");
}
