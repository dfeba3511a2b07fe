using Winnow.Inference.Cache;
using Winnow.Inference.Drafting;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// What the draft model has prepared for one sequence: branches by the hash over all tokens before them, and the chain from which the last drafts were taken,
/// of which more may be left. Untrusted: what it holds is only ever verified like any draft.
/// </summary>
internal sealed class BranchCache
{
    private const int Capacity = 64;

    // The step on its way, and one more.
    private const int FarthestAhead = 2 * (SpeculationOptions.MaxTreeNodes + 1);
    private readonly DraftBranch?[] _branches = new DraftBranch?[Capacity];
    private int[] _chain = [];
    private int _chainAt;
    private int _next;

    /// <summary>The branch that was taken last is there because the target's early exit expected its outcome.</summary>
    public bool TookMirrored { get; private set; }

    /// <summary>Stores a branch; the oldest makes room.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="branch">Unchecked.</param>
    /// <returns>Whether it can still be of use: <see langword="false"/> when the sequence has gone past it, or cannot come there soon.</returns>
    public bool Add(RunningSequence sequence, DraftBranch branch)
    {
        if (branch.Length < sequence.Count || branch.Length > sequence.Count + FarthestAhead || (branch.Length == sequence.Count && (sequence.InFlight || sequence.HasDrafts)))
        {
            return false;
        }
        _branches[_next] = branch;
        _next = (_next + 1) % Capacity;
        return true;
    }

    /// <summary>These tokens were proposed after the sequence as it is now.</summary>
    public void SetChain(RunningSequence sequence, int[] tokens)
    {
        _chain = tokens;
        _chainAt = sequence.Count;
    }

    /// <summary>Looks for drafts of a sequence that is about to decode.</summary>
    /// <param name="sequence">The sequence, of which all but the last token are stored.</param>
    /// <returns>A chain, unchecked; empty for a miss.</returns>
    public ReadOnlySpan<int> Take(RunningSequence sequence)
    {
        ulong hash = PrefixHash.Append(sequence.KvHash, sequence.Tokens[^1]);
        int past = sequence.Count - _chainAt;
        bool goesOn = past < _chain.Length && sequence.Tokens[_chainAt..].SequenceEqual(_chain.AsSpan(0, past));
        TookMirrored = false;
        ReadOnlySpan<int> best = goesOn ? _chain.AsSpan(past) : [];
        for (int i = 0; i < Capacity; i++)
        {
            DraftBranch? branch = _branches[i];
            if (branch is not null && branch.Length == sequence.Count && branch.PrefixHash == hash && branch.Tokens.Length > best.Length)
            {
                best = branch.Tokens;
                TookMirrored = branch.IsMirrored;
                (_chain, _chainAt) = (branch.Tokens, sequence.Count);
            }
            if (branch?.Length <= sequence.Count)
            {
                _branches[i] = null;
            }
        }
        return best;
    }
}
