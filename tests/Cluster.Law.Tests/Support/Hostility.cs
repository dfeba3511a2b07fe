namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>How the draft worker of a case behaves.</summary>
public enum Hostility
{
    /// <summary>Not at all hostile: the shipped draft model in a worker process.</summary>
    Real,

    /// <summary>Random token ids.</summary>
    RandomIds,

    /// <summary>Ids below zero and beyond the vocabulary.</summary>
    IdsOutOfRange,

    /// <summary>Many more tokens than asked for.</summary>
    TooMany,

    /// <summary>No tokens, or no proposals at all.</summary>
    None,

    /// <summary>Every answer after the next question.</summary>
    Late,
}
