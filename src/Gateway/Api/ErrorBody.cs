namespace Winnow.Gateway.Api;

/// <summary>OpenAI's error envelope.</summary>
/// <param name="Error">The error.</param>
public sealed record ErrorBody(ErrorInfo Error)
{
    /// <summary>The body for an exception.</summary>
    public static ErrorBody From(ApiException exception)
        => new(new ErrorInfo(exception.Message, exception.Type, exception.Param, exception.Code));
}

/// <summary>What went wrong.</summary>
/// <param name="Message">One line for people.</param>
/// <param name="Type">OpenAI's error class.</param>
/// <param name="Param">The request field at fault.</param>
/// <param name="Code">Stable snake_case code.</param>
public sealed record ErrorInfo(string Message, string Type, string? Param, string? Code);
