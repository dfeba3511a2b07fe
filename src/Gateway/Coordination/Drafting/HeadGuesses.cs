using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>The last shard's trained head as a drafter: its guesses came with the result of the step before, and are there at once.</summary>
internal sealed class HeadGuesses : ITokenDrafter
{
    /// <inheritdoc/>
    public string Name => DrafterNames.Eagle3;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence();

    /// <summary>What the head guessed of one sequence last.</summary>
    internal sealed class Sequence : ISequenceDrafter
    {
        private int[] _tokens = [];
        private int[] _parents = [];
        private float[] _confidences = [];
        private int _length = -1;

        /// <summary>Takes a guess of what follows the first so many tokens.</summary>
        public void Take(int length, SequenceResult result) => (_length, _tokens, _parents, _confidences) = (length, result.HeadTokens, result.HeadParents, result.HeadConfidences);

        /// <inheritdoc/>
        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            if (tokens.Length == _length && (draft.Room.Width > 1 || _parents.Length == 0))
            {
                draft.Take(_tokens, _parents, _confidences);
            }
            else if (tokens.Length == _length)
            {
                TakeMainChain(draft);
            }
            return 0;
        }

        // What was asked for as a tree may be wanted as a chain when it comes.
        private void TakeMainChain(DraftTree draft)
        {
            int tip = DraftTree.Root;
            for (int node = 0; node < Math.Min(_tokens.Length, _parents.Length); node++)
            {
                if (_parents[node] == tip && draft.TryAppend(_tokens[node], node < _confidences.Length ? _confidences[node] : float.NaN))
                {
                    tip = node;
                }
            }
        }

        /// <inheritdoc/>
        public void Close(ReadOnlySpan<int> tokens) => _length = -1;
    }
}
