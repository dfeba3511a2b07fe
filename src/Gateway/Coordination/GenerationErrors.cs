namespace Winnow.Gateway.Coordination;

/// <summary>The types of <see cref="GenerationException"/>; stable names, listed in docs/errors.md.</summary>
public static class GenerationErrors
{
    /// <summary>Prompt and limit do not fit the context or the KV cache.</summary>
    public const string ContextExceeded = "context_exceeded";

    /// <summary>The request's parameters are not valid.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>Following the request's grammar takes more than is allowed, or no token of the model goes on with it.</summary>
    public const string GrammarFailed = "grammar_failed";

    /// <summary>The queue is full; try again later.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>No pipeline serves the model now; try again later.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The model was defined anew with another content, whose tokens are not the request's; send it again.</summary>
    public const string ModelChanged = "model_changed";

    /// <summary>The choice has been taken up again elsewhere, and this run of it ended.</summary>
    public const string TakenOver = "stream_taken_over";

    /// <summary>The generation failed and cannot go on.</summary>
    public const string Internal = "internal_error";
}
