using Orleans;
using Winnow.Contracts.Grains;

namespace Winnow.Silo.Sessions;

/// <summary>
/// The head record of a session: how its choices began. Written when they begin, all at once as a rule, and when the session is removed; what follows is in <see cref="SessionSegment"/>s.
/// </summary>
[GenerateSerializer, Alias("Winnow.SessionState")]
public sealed record SessionState
{
    /// <summary>Version of this record.</summary>
    [Id(0)] public int Version { get; set; } = 2;

    /// <summary>What the choices began with, in the order in which they did.</summary>
    [Id(1)] public List<SessionHead> Heads { get; set; } = [];

    /// <summary>The session is being removed; its segments may be gone already.</summary>
    [Id(2)] public bool Removed { get; set; }

    /// <summary>When it was written, in milliseconds since 1970.</summary>
    [Id(3)] public long WrittenMs { get; set; }
}

/// <summary>Some of a choice's generated tokens, following those of the segment before.</summary>
[GenerateSerializer, Immutable, Alias("Winnow.SessionSegment")]
public sealed record SessionSegment
{
    /// <summary>The tokens.</summary>
    [Id(0)] public IReadOnlyList<int> Tokens { get; init; } = Array.Empty<int>();

    /// <summary>Why the choice ended after them, or <see langword="null"/> when it did not.</summary>
    [Id(1)] public string? FinishReason { get; init; }

    /// <summary>When it was written, in milliseconds since 1970.</summary>
    [Id(2)] public long WrittenMs { get; init; }

    /// <summary>The latest run of the choice by then; see <see cref="Contracts.Grains.SessionCheckpoint.Run"/>.</summary>
    [Id(3)] public long Run { get; init; }
}
