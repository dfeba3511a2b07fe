namespace Winnow.Inference.Drafting.FromTokens;

/// <summary>
/// Token Recycling (arXiv 2408.08696): remembers for every token the successors it had last, the newest first, and guesses by following the first of each.
/// Knows something of any text after a few hundred tokens, and of new text little.
/// </summary>
/// <remarks>
/// The paper fills the rows with the likeliest tokens of the target's logits and verifies a tree of 80; here they are the tokens the target committed,
/// and the guess is the tree's best chain. All sequences of a model share one table of 32 bytes a vocabulary entry; a sequence keeps a number.
/// </remarks>
public sealed class TokenRecyclingDrafter(int vocabularySize) : ITokenDrafter
{
    private const int Successors = 8;
    private const int Empty = -1;
    private int[] _table = [];

    /// <inheritdoc/>
    public string Name => DrafterNames.TokenRecycling;

    /// <inheritdoc/>
    public ISequenceDrafter Open()
    {
        if (_table.Length == 0)
        {
            _table = new int[vocabularySize * Successors];
            Array.Fill(_table, Empty);
        }
        return new Sequence(this);
    }

    // The newest successor comes first; the others keep their order, and the last one goes when it is new.
    private void Learn(int token, int successor)
    {
        Span<int> row = _table.AsSpan(token * Successors, Successors);
        int place = row.IndexOf(successor);
        place = place < 0 ? Successors - 1 : place;
        row[..place].CopyTo(row[1..]);
        row[0] = successor;
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
            int token = tokens[^1];
            while (owner._table[token * Successors] is not Empty and int next && draft.TryAppend(next))
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
