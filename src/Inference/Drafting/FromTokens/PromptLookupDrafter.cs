namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Prompt lookup (A. Saxena's method): finds where the last three tokens, else two, else one, stood before in the same sequence, the last time, and guesses
/// what followed; in a tree, what followed the shorter ones as well. Best where answers quote their prompts: edits, extraction, code.
/// </summary>
/// <remarks>Nothing is shared. A sequence costs at most 16 bytes a token for each of three orders, over its last 32768 to 65536 tokens (3 MiB).</remarks>
public sealed class PromptLookupDrafter : ITokenDrafter
{
    /// <inheritdoc/>
    public string Name => DrafterNames.PromptLookup;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence();

    private sealed class Sequence : ISequenceDrafter
    {
        private const int LongestOrder = 3;
        private const int Window = 1 << 16;
        private readonly NgramPositions[] _orders = [new(1), new(2), new(LongestOrder)];
        private int _first;
        private int _seen;

        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            CatchUp(tokens);
            int grade = -1;
            for (int order = LongestOrder; order > 0 && (grade < 0 || (draft.Room.Width > 1 && !draft.IsFull)); order--)
            {
                int position = _orders[order - 1].Last(tokens);
                if (position > 0)
                {
                    // What a shorter n-gram was followed by later is a branch.
                    GuessedText.GoOn(tokens, position, draft.Room.Depth, draft);
                    grade = grade < 0 ? GuessGrades.OfMatch(MatchLength(tokens, position, order)) : grade;
                }
            }
            return Math.Max(0, grade);
        }

        public void Close(ReadOnlySpan<int> tokens)
        {
        }

        private void CatchUp(ReadOnlySpan<int> tokens)
        {
            if (tokens.Length - _first > Window)
            {
                _first = _seen = tokens.Length - (Window / 2);
                foreach (NgramPositions positions in _orders)
                {
                    positions.Clear();
                }
            }
            for (; _seen < tokens.Length; _seen++)
            {
                for (int order = 1; order <= Math.Min(LongestOrder, _seen - _first); order++)
                {
                    _orders[order - 1].Put(tokens, _seen);
                }
            }
        }

        // How far back the two places agree, as far as the grade asks.
        private static int MatchLength(ReadOnlySpan<int> tokens, int position, int known)
        {
            const int enough = 8;
            int length = known;
            while (length < Math.Min(enough, position) && tokens[position - 1 - length] == tokens[tokens.Length - 1 - length])
            {
                length++;
            }
            return length;
        }
    }
}
