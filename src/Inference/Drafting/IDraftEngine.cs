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
}
