namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Grows a draft tree by always taking the candidate whose whole path is likeliest: as many nodes as fit, and no others, are looked at. Ties go to the candidate
/// that was offered first. Buffers are reused.
/// </summary>
internal sealed class BestFirstGrowth
{
    private readonly PriorityQueue<GrowthCandidate, (float Score, int Number)> _candidates = new(new BestFirst());
    private int _offered;

    /// <summary>Forgets all candidates.</summary>
    public void Begin()
    {
        _candidates.Clear();
        _offered = 0;
    }

    /// <summary>Offers a node.</summary>
    /// <param name="candidate">The node.</param>
    /// <param name="least">Candidates whose path is less likely are not kept.</param>
    public void Offer(in GrowthCandidate candidate, float least)
    {
        if (candidate.PathChance >= least)
        {
            _candidates.Enqueue(candidate, (candidate.PathChance, _offered++));
        }
    }

    /// <summary>Adds the best candidate that can be added.</summary>
    /// <param name="draft">The tree.</param>
    /// <param name="added">The node that was added last to the tree.</param>
    /// <returns>Whether there was one.</returns>
    public bool TryAdd(DraftTree draft, out GrowthCandidate added)
    {
        while (!draft.IsFull && _candidates.TryDequeue(out added, out _))
        {
            if (draft.TryAdd(added.Token, added.Parent, added.Chance))
            {
                return true;
            }
        }
        added = default;
        return false;
    }

    private sealed class BestFirst : IComparer<(float Score, int Number)>
    {
        public int Compare((float Score, int Number) a, (float Score, int Number) b)
        {
            int byScore = b.Score.CompareTo(a.Score);
            return byScore != 0 ? byScore : a.Number.CompareTo(b.Number);
        }
    }
}

/// <summary>A node that may be added to a draft.</summary>
/// <param name="Token">Its token.</param>
/// <param name="Parent">Index of its parent in the draft.</param>
/// <param name="Chance">To be right when its parent is.</param>
/// <param name="PathChance">To be right at all.</param>
/// <param name="State">What the drafter needs to go on from it.</param>
internal readonly record struct GrowthCandidate(int Token, int Parent, float Chance, float PathChance, int State);
