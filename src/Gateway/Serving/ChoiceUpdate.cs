using Winnow.Inference.Execution;

namespace Winnow.Gateway.Serving;

/// <summary>What one step added to one choice.</summary>
public sealed record ChoiceUpdate
{
    /// <summary>Choice index in the response.</summary>
    public required int Index { get; init; }

    /// <summary>New text; may be empty while a code point or a stop string is incomplete.</summary>
    public required string Text { get; init; }

    /// <summary>New token ids, those of a stop included.</summary>
    public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Log-probabilities of <see cref="Tokens"/> when asked for.</summary>
    public IReadOnlyList<TokenLogprobs> Logprobs { get; init; } = [];

    /// <summary>The client has had this before: it counts, and is not sent again.</summary>
    public bool IsRepeat { get; init; }

    /// <summary>An earlier run has generated this: it is sent where the client lacks it, but was counted then.</summary>
    public bool IsReplay { get; init; }

    /// <summary>Set with the last update: <c>stop</c> or <c>length</c>.</summary>
    public string? FinishReason { get; init; }

    /// <summary>Draft tokens sent for verification.</summary>
    public int Drafted { get; init; }

    /// <summary>Those of them on the way from the root to the deepest leaf.</summary>
    public int DraftDepth { get; init; }

    /// <summary>Draft tokens accepted.</summary>
    public int Accepted { get; init; }

    /// <summary>Who drafted, or <see langword="null"/> when nothing was drafted.</summary>
    public string? Drafter { get; init; }

    /// <summary>Prompt tokens from the prefix cache; with the first update.</summary>
    public int CachedPromptTokens { get; init; }
}
