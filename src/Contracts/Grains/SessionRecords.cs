using Orleans;

namespace Winnow.Contracts.Grains;

/// <summary>What one choice of a session began with: with it and the tokens since, any gateway can go on, token for token. It never changes.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionHead")]
public sealed record SessionHead
{
    /// <summary>Request id, the grain key.</summary>
    [Id(0)] public required string RequestId { get; init; }

    /// <summary>Place of the choice among all choices of the request, from 0.</summary>
    [Id(1)] public required int Choice { get; init; }

    /// <summary>Model name.</summary>
    [Id(2)] public required string Model { get; init; }

    /// <summary>The prompt.</summary>
    [Id(3)] public required IReadOnlyList<int> PromptTokens { get; init; }

    /// <summary>Sampling parameters as JSON, the seed among them.</summary>
    [Id(4)] public required string SamplingJson { get; init; }

    /// <summary>What a gateway needs besides the tokens to answer the rest of the stream, as JSON of the gateway's own. Default empty.</summary>
    [Id(5)] public string StreamJson { get; init; } = "";
}

/// <summary>What a choice has gained since an earlier checkpoint.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionCheckpoint")]
public sealed record SessionCheckpoint
{
    /// <summary>What <see cref="ISessionGrain.Checkpoint"/> answers for a choice whose head it does not have.</summary>
    public const int Unknown = -1;

    /// <summary>Place of the choice among all choices of the request.</summary>
    [Id(0)] public required int Choice { get; init; }

    /// <summary>What it began with, for a grain that has answered <see cref="Unknown"/>.</summary>
    [Id(1)] public SessionHead? Head { get; init; }

    /// <summary>Generated tokens before <see cref="Tokens"/>.</summary>
    [Id(2)] public required int Position { get; init; }

    /// <summary>Generated tokens from <see cref="Position"/> on; may be none.</summary>
    [Id(3)] public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Why the choice ended after these tokens, or <see langword="null"/> while it runs.</summary>
    [Id(4)] public string? FinishReason { get; init; }

    /// <summary>
    /// The run that generated the tokens, where the same tokens do not come twice: a later run takes the place of what earlier ones generated from <see cref="Position"/> on, and what earlier
    /// ones still send is ignored. Default 0, for runs that all generate the same.
    /// </summary>
    [Id(5)] public long Run { get; init; }
}

/// <summary>What a new run of a choice goes on from.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionRunStart")]
public sealed record SessionRunStart
{
    /// <summary>What <see cref="ISessionGrain.BeginRuns"/> answers when no run was begun.</summary>
    public const long NotBegun = 0;

    // Between two numbers that are handed out lie those of runs that go on elsewhere by themselves.
    private const int RecoveryBits = 16;

    /// <summary>Place of the choice among all choices of the request.</summary>
    [Id(0)] public required int Choice { get; init; }

    /// <summary>Generated tokens that it goes on from.</summary>
    [Id(1)] public required int Position { get; init; }

    /// <summary>The run that generated the last of them when they were read: <see cref="SessionChoice.Run"/>.</summary>
    [Id(2)] public required long After { get; init; }

    /// <summary>
    /// The number of a run that is begun after those up to another one. Whoever holds a run and has to begin again with its tokens counts up by one and asks nobody, and is ignored all the same
    /// once a later run was begun.
    /// </summary>
    /// <param name="run">The highest number so far.</param>
    public static long NumberAfter(long run) => ((run >> RecoveryBits) + 1) << RecoveryBits;
}

/// <summary>Where one choice stands.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionChoice")]
public sealed record SessionChoice
{
    /// <summary>What it began with.</summary>
    [Id(0)] public required SessionHead Head { get; init; }

    /// <summary>Generated tokens.</summary>
    [Id(1)] public required IReadOnlyList<int> Tokens { get; init; }

    /// <summary>Why it ended, or <see langword="null"/> when it has not.</summary>
    [Id(2)] public string? FinishReason { get; init; }

    /// <summary>The run that generated the last of them; see <see cref="SessionCheckpoint.Run"/>.</summary>
    [Id(3)] public long Run { get; init; }
}

/// <summary>Where a session stands.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionSnapshot")]
public sealed record SessionSnapshot
{
    /// <summary>Its choices, by their place.</summary>
    [Id(0)] public required IReadOnlyList<SessionChoice> Choices { get; init; }
}
