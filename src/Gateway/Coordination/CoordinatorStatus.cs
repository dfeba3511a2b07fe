namespace Winnow.Gateway.Coordination;

/// <summary>What a coordinator is doing, as counted at its last step.</summary>
public sealed record CoordinatorStatus
{
    /// <summary>Sequences with a place on the shards.</summary>
    public required int Running { get; init; }

    /// <summary>Sequences that wait for one: new, paused, or between replicas.</summary>
    public required int Waiting { get; init; }

    /// <summary>KV blocks held by running sequences.</summary>
    public required int BlocksInUse { get; init; }

    /// <summary>KV blocks in all; 0 without a replica.</summary>
    public required int BlockCount { get; init; }

    /// <summary>Steps sent.</summary>
    public required long Steps { get; init; }

    /// <summary>Draft tokens verified.</summary>
    public required long Drafted { get; init; }

    /// <summary>Draft tokens accepted.</summary>
    public required long Accepted { get; init; }

    /// <summary>Tokens generated.</summary>
    public required long Generated { get; init; }

    /// <summary>Sequences paused because KV blocks ran short.</summary>
    public required long Pauses { get; init; }

    /// <summary>Prompt tokens found in the prefix cache.</summary>
    public required long PrefixHits { get; init; }

    /// <summary>Longest draft that an adaptive sequence asks the draft model for at present.</summary>
    public required int DraftTokens { get; init; }

    /// <summary>Steps of a sequence that took drafts from what the draft model had prepared.</summary>
    public long AheadHits { get; init; }

    /// <summary>Steps of a sequence that found nothing prepared.</summary>
    public long AheadMisses { get; init; }

    /// <summary>Of the hits those whose outcome only the first shard's early exit had brought up.</summary>
    public long AheadMirrorHits { get; init; }
}
