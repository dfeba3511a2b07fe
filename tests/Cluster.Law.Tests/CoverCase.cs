using Winnow.Cluster.Law.Tests.Support;

namespace Winnow.Cluster.Law.Tests;

/// <summary>One case of the pairwise cover.</summary>
/// <param name="DraftTokens">Draft length; <see langword="null"/> is adaptive, 0 is off.</param>
/// <param name="Shards">Target shards.</param>
/// <param name="IsTogether">All sixteen requests at once, not one after the other.</param>
/// <param name="ChunkTokens">Longest prompt chunk.</param>
/// <param name="IsCached">The prompts are in the prefix cache already; otherwise the cache is not used.</param>
/// <param name="Drafter">The draft worker.</param>
public sealed record CoverCase(int? DraftTokens, int Shards, bool IsTogether, int ChunkTokens, bool IsCached, Hostility Drafter)
{
    private const bool Together = true;
    private const bool Alone = false;
    private const bool Cached = true;
    private const bool Uncached = false;

    /// <summary>
    /// Every pair of values of any two factors occurs, as a test checks; only draft lengths meet hostile draft workers of some kind, not of every kind.
    /// </summary>
    public static IReadOnlyList<CoverCase> All { get; } =
    [
        new(0, 1, Alone, 7, Uncached, Hostility.Real),
        new(5, 2, Alone, 7, Cached, Hostility.Real),
        new(8, 2, Together, 7, Uncached, Hostility.Real),
        new(1, 3, Alone, 7, Uncached, Hostility.Real),
        new(null, 3, Together, 7, Cached, Hostility.Real),
        new(3, 1, Alone, 16, Uncached, Hostility.Real),
        new(6, 1, Alone, 16, Cached, Hostility.Real),
        new(0, 2, Together, 16, Uncached, Hostility.Real),
        new(2, 3, Together, 16, Cached, Hostility.Real),
        new(8, 3, Alone, 16, Cached, Hostility.Real),
        new(4, 1, Alone, 64, Cached, Hostility.Real),
        new(null, 1, Alone, 64, Cached, Hostility.Real),
        new(1, 2, Together, 64, Cached, Hostility.Real),
        new(7, 2, Together, 64, Uncached, Hostility.Real),
        new(3, 3, Alone, 64, Uncached, Hostility.Real),
        new(2, 1, Alone, 512, Cached, Hostility.Real),
        new(4, 2, Together, 512, Uncached, Hostility.Real),
        new(6, 2, Together, 512, Uncached, Hostility.Real),
        new(5, 3, Together, 512, Cached, Hostility.Real),
        new(7, 3, Together, 512, Cached, Hostility.Real),
        new(4, 1, Together, 7, Uncached, Hostility.TooMany),
        new(7, 1, Together, 7, Uncached, Hostility.Late),
        new(2, 2, Together, 7, Cached, Hostility.RandomIds),
        new(3, 2, Alone, 7, Uncached, Hostility.None),
        new(6, 3, Alone, 7, Uncached, Hostility.IdsOutOfRange),
        new(1, 1, Alone, 16, Uncached, Hostility.RandomIds),
        new(null, 1, Alone, 16, Uncached, Hostility.TooMany),
        new(5, 1, Together, 16, Cached, Hostility.Late),
        new(4, 3, Together, 16, Uncached, Hostility.IdsOutOfRange),
        new(7, 3, Alone, 16, Cached, Hostility.None),
        new(8, 1, Together, 64, Uncached, Hostility.None),
        new(6, 2, Together, 64, Cached, Hostility.IdsOutOfRange),
        new(5, 2, Alone, 64, Uncached, Hostility.Late),
        new(2, 3, Alone, 64, Uncached, Hostility.RandomIds),
        new(0, 3, Together, 64, Cached, Hostility.TooMany),
        new(3, 1, Together, 512, Cached, Hostility.IdsOutOfRange),
        new(0, 1, Alone, 512, Cached, Hostility.None),
        new(8, 2, Together, 512, Cached, Hostility.RandomIds),
        new(null, 2, Alone, 512, Uncached, Hostility.TooMany),
        new(1, 3, Together, 512, Cached, Hostility.Late),
    ];

    /// <summary>The draft worker is not the real one.</summary>
    public bool IsHostile => Drafter != Hostility.Real;

    /// <summary>The factors' values, as names that are unique over all factors.</summary>
    public IReadOnlyList<string> Values =>
    [
        DraftTokens is { } draftTokens ? $"draft length {draftTokens}" : "adaptive draft length",
        $"{Shards} shards",
        IsTogether ? "together" : "alone",
        $"chunks of {ChunkTokens}",
        IsCached ? "cached" : "uncached",
        $"drafter {Drafter}",
    ];

    /// <inheritdoc />
    public override string ToString() => string.Join(", ", Values);
}
