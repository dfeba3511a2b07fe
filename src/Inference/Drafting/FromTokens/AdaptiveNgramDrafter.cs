namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Tri-grams that adapt (after ADED, arXiv 2407.12021): counts what followed every two tokens, in all sequences of the model, newer ones counting more, and
/// guesses the likeliest successor again and again, with one token as context where two are not known.
/// </summary>
/// <remarks>
/// The paper searches the counts for a tree of drafts; a chain's likeliest path is what that search ends at, and is taken at once. A guess ends where the
/// estimated chance that all of it is right falls below a tenth. All sequences share one table of 1.4 MiB; a sequence keeps a number.
/// </remarks>
public sealed class AdaptiveNgramDrafter : ITokenDrafter
{
    private const float LeastChance = 0.1f;
    private SuccessorCounts? _counts;

    /// <inheritdoc/>
    public string Name => DrafterNames.AdaptiveNgram;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence(_counts ??= new SuccessorCounts());

    private sealed class Sequence(SuccessorCounts counts) : ISequenceDrafter
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
            int before = tokens.Length > 1 ? tokens[^2] : SuccessorCounts.Any;
            int last = tokens[^1];
            float chance = 1;
            float first = 0;
            while (!draft.IsFull
                && (counts.TryBest(before, last, out int next, out float share) || counts.TryBest(SuccessorCounts.Any, last, out next, out share))
                && (chance *= share) >= LeastChance
                && draft.TryAppend(next, share))
            {
                first = draft.Count == 1 ? share : first;
                (before, last) = (last, next);
            }
            return Math.Min(GuessGrades.Count - 1, (int)(first * GuessGrades.Count));
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
        }
    }
}
