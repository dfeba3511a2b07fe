namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Token Recycling (arXiv 2408.08696): remembers for every token eight likely successors, and guesses a tree whose shape never changes: node after
/// node is filled with its parent's successor of a fixed rank. Knows something of any text after a few hundred tokens, and of new text little.
/// </summary>
/// <remarks>
/// Learns, as in the paper, the likeliest tokens of the target's logits after every node it verified, kept or not, where the last shard returns them; and every
/// committed successor, which goes first. The shape is the paper's in spirit, not in numbers: the nodes with the largest products of a rank's usual chance, best first, so
/// that a smaller tree is the beginning of a larger one and a chain follows the first successor of each. All sequences of a model share one table of 32 bytes a
/// vocabulary entry; a sequence keeps a number.
/// </remarks>
public sealed class TokenRecyclingDrafter(int vocabularySize) : ICandidateLearner
{
    private const int Successors = 8;
    private const int Leading = 2;
    private const int Empty = -1;
    private const int LargestTree = 64;

    // What shapes the template: of a few tried the best on the shipped target, and only the order of their products counts. What they are worth is learned by whoever verifies.
    private static readonly float[] RankChances = [0.50f, 0.20f, 0.10f, 0.06f, 0.04f, 0.03f, 0.025f, 0.02f];
    private static readonly (int Parent, int Rank)[] Template = MakeTemplate();
    private readonly int[] _filled = new int[LargestTree];
    private int[] _table = [];

    /// <inheritdoc/>
    public string Name => DrafterNames.TokenRecycling;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence(this);

    /// <inheritdoc/>
    /// <remarks>The two likeliest go first, the others only into places that are left: what followed the token a while ago says more than what is unlikely now (measured).</remarks>
    public void Learn(int token, ReadOnlySpan<int> candidates)
    {
        Span<int> row = Table.AsSpan(token * Successors, Successors);
        Span<int> merged = stackalloc int[Successors];
        int leading = Math.Min(Leading, candidates.Length);
        int count = AddNew(candidates[..leading], merged, 0);
        count = AddNew(row, merged, count);
        count = AddNew(candidates[leading..], merged, count);
        merged[..count].CopyTo(row);
    }

    private int[] Table
    {
        get
        {
            if (_table.Length == 0)
            {
                _table = new int[vocabularySize * Successors];
                Array.Fill(_table, Empty);
            }
            return _table;
        }
    }

    private static int AddNew(ReadOnlySpan<int> tokens, Span<int> merged, int count)
    {
        foreach (int token in tokens)
        {
            if (token != Empty && count < merged.Length && !merged[..count].Contains(token))
            {
                merged[count++] = token;
            }
        }
        return count;
    }

    // The newest successor comes first; the others keep their order, and the last one goes when it is new.
    private void Learn(int token, int successor)
    {
        Span<int> row = Table.AsSpan(token * Successors, Successors);
        int place = row.IndexOf(successor);
        place = place < 0 ? Successors - 1 : place;
        row[..place].CopyTo(row[1..]);
        row[0] = successor;
    }

    private static (int Parent, int Rank)[] MakeTemplate()
    {
        var template = new (int, int)[LargestTree];
        var growth = new BestFirstGrowth();
        var tree = new DraftTree(LargestTree);
        growth.Begin();
        tree.Begin(new DraftRoom(LargestTree, LargestTree, Successors, Successors));
        Offer(growth, DraftTree.Root, 1);
        while (growth.TryAdd(tree, out GrowthCandidate added))
        {
            template[tree.Count - 1] = (added.Parent, added.Token);
            Offer(growth, tree.Count - 1, added.PathChance);
        }
        return template;
    }

    // In the template a node's token is its rank.
    private static void Offer(BestFirstGrowth growth, int parent, float pathChance)
    {
        for (int rank = 0; rank < Successors; rank++)
        {
            growth.Offer(new GrowthCandidate(rank, parent, RankChances[rank], pathChance * RankChances[rank], 0), 0);
        }
    }

    private void Fill(int last, DraftTree draft)
    {
        for (int i = 0; i < Template.Length && !draft.IsFull; i++)
        {
            (int parent, int rank) = Template[i];
            int place = parent < 0 ? DraftTree.Root : _filled[parent];
            _filled[i] = int.MinValue;
            if (place == int.MinValue)
            {
                continue;
            }
            int token = Table[((place < 0 ? last : draft.Tokens[place]) * Successors) + rank];
            if (token != Empty && draft.TryAdd(token, place, RankChances[rank]))
            {
                _filled[i] = draft.Count - 1;
            }
        }
    }

    private sealed class Sequence(TokenRecyclingDrafter owner) : ISequenceDrafter
    {
        private int _seen = 1;

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            for (; _seen < tokens.Length; _seen++)
            {
                owner.Learn(tokens[_seen - 1], tokens[_seen]);
            }
            if (draft.Room.Width > 1)
            {
                owner.Fill(tokens[^1], draft);
                return 0;
            }
            int token = tokens[^1];
            while (owner.Table[token * Successors] is not Empty and int next && draft.TryAppend(next))
            {
                token = next;
            }
            return 0;
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
        }
    }
}
