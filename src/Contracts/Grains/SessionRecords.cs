using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>A resume point of one generated choice: with it any gateway can go on, token for token.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionCheckpoint")]
public sealed record SessionCheckpoint
{
    /// <summary>Request id, the grain key.</summary>
    [Id(0)] public required string RequestId { get; init; }

    /// <summary>Choice index.</summary>
    [Id(1)] public required int Choice { get; init; }

    /// <summary>Model name.</summary>
    [Id(2)] public required string Model { get; init; }

    /// <summary>Prompt and committed tokens.</summary>
    [Id(3)] public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>How many of <see cref="Tokens"/> are the prompt.</summary>
    [Id(4)] public required int PromptTokens { get; init; }

    /// <summary>Sampling parameters as JSON, the seed among them.</summary>
    [Id(5)] public required string SamplingJson { get; init; }

    /// <summary>Why the choice ended, or <see langword="null"/> while it runs.</summary>
    [Id(6)] public string? FinishReason { get; init; }

    /// <summary>What a gateway needs besides the tokens to answer the rest of the stream, as JSON of the gateway's own; equal in all checkpoints of a choice. Default empty.</summary>
    [Id(7)] public string StreamJson { get; init; } = "";
}

/// <summary>Where a session stands: the latest checkpoint of every choice.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionSnapshot")]
public sealed record SessionSnapshot
{
    /// <summary>Checkpoints by choice index.</summary>
    [Id(0)] public required IReadOnlyList<SessionCheckpoint> Choices { get; init; }
}
