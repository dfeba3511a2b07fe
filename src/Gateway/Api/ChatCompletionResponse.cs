using System.Text.Json.Serialization;

namespace Winnow.Gateway.Api;

/// <summary>Answer, or one streamed chunk, of <c>/v1/chat/completions</c>.</summary>
public sealed record ChatCompletionResponse
{
    /// <summary>Request id, <c>chatcmpl-…</c>.</summary>
    public required string Id { get; init; }

    /// <summary><c>chat.completion</c> or <c>chat.completion.chunk</c>.</summary>
    public required string Object { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Numerics that produced the tokens: equal fingerprints and seeds give equal tokens.</summary>
    public required string SystemFingerprint { get; init; }

    /// <summary>Seed that was used; send it again for the same tokens (an extension).</summary>
    public required ulong Seed { get; init; }

    /// <summary>Choices, or the one that grew.</summary>
    public required IReadOnlyList<ChatChoice> Choices { get; init; }

    /// <summary>Token ids of the prompt when asked for (an extension).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? PromptTokenIds { get; init; }

    /// <summary>Usage: always on a whole answer, on the last chunk when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }
}

/// <summary>One choice.</summary>
public sealed record ChatChoice
{
    /// <summary>Choice index.</summary>
    public required int Index { get; init; }

    /// <summary>The whole message; absent in chunks.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatMessage? Message { get; init; }

    /// <summary>What was added; absent in whole answers.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChatMessage? Delta { get; init; }

    /// <summary>Log-probabilities when asked for.</summary>
    public ChatLogprobs? Logprobs { get; init; }

    /// <summary><c>stop</c>, <c>length</c>, or null while it runs.</summary>
    public required string? FinishReason { get; init; }

    /// <summary>Token ids when asked for (an extension).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TokenIds { get; init; }
}

/// <summary>A message or a part of one.</summary>
public sealed record ChatMessage
{
    /// <summary>Role; only in the first chunk.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Role { get; init; }

    /// <summary>Text; absent in a last chunk that adds none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Content { get; init; }

    /// <summary>Always null: Winnow has no refusals.</summary>
    public string? Refusal { get; init; }
}

/// <summary>Log-probabilities of a chat choice.</summary>
/// <param name="Content">One entry per token.</param>
public sealed record ChatLogprobs(IReadOnlyList<ChatTokenLogprob> Content)
{
    /// <summary>Always null: Winnow has no refusals.</summary>
    public IReadOnlyList<ChatTokenLogprob>? Refusal { get; init; }
}

/// <summary>One token's log-probability with the alternatives.</summary>
/// <param name="Token">The token's text.</param>
/// <param name="Logprob">Natural log, from the unprocessed logits.</param>
/// <param name="Bytes">UTF-8 bytes of the token.</param>
/// <param name="TopLogprobs">The most likely tokens, best first.</param>
public sealed record ChatTokenLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes, IReadOnlyList<ChatTopLogprob> TopLogprobs);

/// <summary>An alternative token.</summary>
/// <param name="Token">The token's text.</param>
/// <param name="Logprob">Natural log.</param>
/// <param name="Bytes">UTF-8 bytes of the token.</param>
public sealed record ChatTopLogprob(string Token, float Logprob, IReadOnlyList<int> Bytes);
