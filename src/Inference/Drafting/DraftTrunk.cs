using Winnow.Inference.Sampling;

namespace Winnow.Inference.Drafting;

/// <summary>What the target verifies of a sequence now, and what the draft model thinks of every place where that may end.</summary>
internal sealed class DraftTrunk
{
    /// <summary>Candidates ranked at every position.</summary>
    public const int Candidates = 4;

    private readonly RankedToken[] _ranked;
    private readonly int[] _counts;
    private readonly int[] _drafts;
    private readonly HashSet<(int Accepted, int Token)> _forked = [];
    private DraftMirror? _mirror;
    private int _vocabularySize;

    /// <summary>Takes the drafts of a sequence as its chain holds them now.</summary>
    /// <param name="state">The sequence.</param>
    /// <param name="aheadTokens">Tokens to draft for each outcome.</param>
    public DraftTrunk(DraftState state, int aheadTokens)
    {
        State = state;
        Told = state.Told;
        Length = state.Chain.Length;
        AheadTokens = aheadTokens;
        _drafts = [.. state.Chain.Tokens[Told..]];
        _ranked = new RankedToken[(Drafts + 1) * Candidates];
        _counts = new int[Drafts + 1];
    }

    /// <summary>The sequence.</summary>
    public DraftState State { get; }

    /// <summary>Committed tokens.</summary>
    public int Told { get; }

    /// <summary>Those and the drafts.</summary>
    public int Length { get; }

    /// <summary>Drafts that are verified: outcomes are that 0 to this many are accepted.</summary>
    public int Drafts => Length - Told;

    /// <summary>Tokens to draft for each outcome.</summary>
    public int AheadTokens { get; }

    /// <summary>The sequence has not gone on since.</summary>
    public bool IsCurrent => State.Trunk == this && !State.IsClosed;

    /// <summary>Candidates after <paramref name="accepted"/> drafts, best first; none before they are ranked.</summary>
    public ReadOnlySpan<RankedToken> At(int accepted) => _ranked.AsSpan(accepted * Candidates, _counts[accepted]);

    /// <summary>Where to write the candidates after <paramref name="accepted"/> drafts.</summary>
    public Span<RankedToken> RoomAt(int accepted) => _ranked.AsSpan(accepted * Candidates, Candidates);

    /// <summary>So many candidates were written.</summary>
    public void SetCount(int accepted, int count) => _counts[accepted] = count;

    /// <summary>An early exit has told what it expects.</summary>
    public void Take(DraftMirror mirror, int vocabularySize) => (_mirror, _vocabularySize) = (mirror, vocabularySize);

    /// <summary>What an early exit expects after <paramref name="accepted"/> drafts.</summary>
    /// <param name="accepted">Drafts accepted.</param>
    /// <param name="ranked">Receives the candidates, best first.</param>
    /// <returns>How many there are; 0 where it has told nothing.</returns>
    public int MirrorAt(int accepted, Span<RankedToken> ranked) => _mirror?.At(accepted, _vocabularySize, ranked) ?? 0;

    /// <summary>An outcome gets a branch.</summary>
    /// <returns>Whether it has none yet.</returns>
    public bool TryFork(int accepted, int token) => _forked.Add((accepted, token));

    /// <summary>The draft after <paramref name="accepted"/> accepted ones, or -1 after the last.</summary>
    public int DraftAt(int accepted) => accepted < Drafts ? _drafts[accepted] : -1;
}
