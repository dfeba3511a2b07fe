using System.Text.Json.Serialization;

namespace Winnow.Gateway.Api;

/// <summary>Answer, or one streamed chunk, of <c>/v1/completions</c>.</summary>
public sealed record CompletionResponse
{
    /// <summary>Request id, <c>cmpl-…</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Always <c>text_completion</c>.</summary>
    public string Object => "text_completion";

    /// <summary>Unix seconds.</summary>
    public required long Created { get; init; }

    /// <summary>Model name.</summary>
    public required string Model { get; init; }

    /// <summary>Numerics that produced the tokens: equal fingerprints and seeds give equal tokens.</summary>
    public required string SystemFingerprint { get; init; }

    /// <summary>Seed that was used; send it again for the same tokens (an extension).</summary>
    public required ulong Seed { get; init; }

    /// <summary>Choices, or the one that grew.</summary>
    public required IReadOnlyList<CompletionChoice> Choices { get; init; }

    /// <summary>Usage: always on a whole answer, on the last chunk when asked for.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Usage? Usage { get; init; }
}

/// <summary>One choice.</summary>
public sealed record CompletionChoice
{
    /// <summary>Prompt index times <c>n</c> plus choice.</summary>
    public required int Index { get; init; }

    /// <summary>Text, or what was added.</summary>
    public required string Text { get; init; }

    /// <summary>Log-probabilities when asked for.</summary>
    public CompletionLogprobs? Logprobs { get; init; }

    /// <summary><c>stop</c>, <c>length</c>, or null while it runs.</summary>
    public required string? FinishReason { get; init; }

    /// <summary>Token ids when asked for (an extension).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? TokenIds { get; init; }

    /// <summary>Token ids of the prompt when asked for (an extension).</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<int>? PromptTokenIds { get; init; }
}

/// <summary>Log-probabilities of a completion, one entry per token in every list.</summary>
/// <param name="Tokens">Token texts.</param>
/// <param name="TokenLogprobs">Natural log, from the unprocessed logits.</param>
/// <param name="TopLogprobs">The most likely tokens with their log-probabilities.</param>
/// <param name="TextOffset">Offset of each token's text in the choice's text, in UTF-16 units.</param>
public sealed record CompletionLogprobs(
    IReadOnlyList<string> Tokens, IReadOnlyList<float> TokenLogprobs, IReadOnlyList<IReadOnlyDictionary<string, float>> TopLogprobs, IReadOnlyList<int> TextOffset);
