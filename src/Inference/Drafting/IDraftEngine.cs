namespace Winnow.Inference.Drafting;

/// <summary>A drafter that keeps its own state of sequences and answers in the target's tokens. Not thread-safe: one loop owns it.</summary>
public interface IDraftEngine : IDisposable
{
    /// <summary>Proposes tokens for a batch of sequences.</summary>
    /// <param name="queries">One per sequence that wants drafts.</param>
    /// <param name="closes">Sequences that ended; they are forgotten first.</param>
    /// <param name="cancellation">Ends the round between layers; what was computed so far is kept.</param>
    /// <returns>One proposal per query, in the same order.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    IReadOnlyList<DraftProposal> Propose(IReadOnlyList<DraftQuery> queries, IReadOnlyList<long> closes, CancellationToken cancellation);

    /// <summary>There are branches to draft ahead. A drafter that prepares nothing need not know of them.</summary>
    bool HasAhead => false;

    /// <summary>
    /// Drafts ahead for the outcomes of what the last rounds proposed or were told of (<see cref="DraftQuery.AheadTokens"/>), by one pass: whoever owns the engine calls it
    /// when nobody asks.
    /// </summary>
    /// <param name="finished">Branches that are complete are added here.</param>
    /// <param name="cancellation">Ends the pass between layers.</param>
    /// <returns>Whether there is more to do.</returns>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    bool Advance(List<DraftBranch> finished, CancellationToken cancellation) => false;

    /// <summary>
    /// Takes likely corrections of what is being verified, for branches that are drafted ahead of it; of no effect where nothing is, or for another state of the sequence. A drafter
    /// that prepares nothing need not know of them.
    /// </summary>
    void Mirror(DraftMirror mirror)
    {
    }

    /// <summary>Ends drafting ahead for a sequence and takes its branches as far as they are.</summary>
    void FlushAhead(long sequence, List<DraftBranch> finished)
    {
    }

    /// <summary>Ends drafting ahead for every sequence; branches are lost.</summary>
    void ClearAhead()
    {
    }
}
