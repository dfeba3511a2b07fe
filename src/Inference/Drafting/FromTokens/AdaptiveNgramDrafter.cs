namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Tri-grams that adapt (after ADED, arXiv 2407.12021): counts what followed every two tokens, in all sequences of the model, newer ones counting more, and
/// guesses the likeliest successor again and again, with one token as context where two are not known.
/// </summary>
/// <remarks>
/// The paper searches the counts for a tree by Monte-Carlo playouts, whose visits settle on the likeliest paths; here the tree is grown best first by the product of the
/// shares, which is where they settle, takes no lots, and looks at nothing but the tree's own nodes and their successors. A chain ends where the estimated chance that all
/// of it is right falls below a tenth, a branch of a tree below a fiftieth. All sequences share one table of 1.4 MiB; a sequence keeps a number.
/// </remarks>
public sealed class AdaptiveNgramDrafter : ITokenDrafter
{
    private const float LeastChance = 0.1f;
    private const float LeastChanceInTree = 0.02f;
    private readonly BestFirstGrowth _growth = new();
    private SuccessorCounts? _counts;

    /// <inheritdoc/>
    public string Name => DrafterNames.AdaptiveNgram;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence(_counts ??= new SuccessorCounts(), _growth);

    private sealed class Sequence(SuccessorCounts counts, BestFirstGrowth growth) : ISequenceDrafter
    {
        private int _seen = 1;

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            for (; _seen < tokens.Length; _seen++)
            {
                counts.Learn(SuccessorCounts.Any, tokens[_seen - 1], tokens[_seen]);
                if (_seen > 1)
                {
                    counts.Learn(tokens[_seen - 2], tokens[_seen - 1], tokens[_seen]);
                }
            }
            growth.Begin();
            Offer(tokens.Length > 1 ? tokens[^2] : SuccessorCounts.Any, tokens[^1], DraftTree.Root, 1, draft.Room.Width);
            float first = 0;
            while (growth.TryAdd(draft, out GrowthCandidate added))
            {
                first = draft.Count == 1 ? added.Chance : first;
                Offer(added.State, added.Token, draft.Count - 1, added.PathChance, draft.Room.Width);
            }
            return Math.Min(GuessGrades.Count - 1, (int)(first * GuessGrades.Count));
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
        }

        // The state of a candidate is the token before it.
        private void Offer(int before, int last, int parent, float pathChance, int width)
        {
            Span<(int Token, float Share)> successors = stackalloc (int, float)[SuccessorCounts.MostSuccessors];
            int count = counts.Rank(before, last, successors);
            count = count > 0 ? count : counts.Rank(SuccessorCounts.Any, last, successors);
            foreach ((int token, float share) in successors[..Math.Min(count, width)])
            {
                growth.Offer(new GrowthCandidate(token, parent, share, pathChance * share, last), width > 1 ? LeastChanceInTree : LeastChance);
            }
        }
    }
}
