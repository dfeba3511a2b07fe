using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;

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
        private float[] _confidences = [];
        private int _length = -1;

        /// <summary>Takes a guess of what follows the first so many tokens.</summary>
        public void Take(int length, int[] tokens, float[] confidences) => (_length, _tokens, _confidences) = (length, tokens, confidences);

        /// <inheritdoc/>
        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            if (tokens.Length == _length)
            {
                draft.Take(_tokens, [], _confidences);
            }
            return 0;
        }

        /// <inheritdoc/>
        public void Close(ReadOnlySpan<int> tokens) => _length = -1;
    }
}
