using Winnow.Inference.Drafting;
using Winnow.Inference.Drafting.FromTokens;
using Winnow.Inference.Grammar;

namespace Winnow.Gateway.Coordination.Drafting;

/// <summary>
/// A request's grammar as a drafter: the text that must come next, because the grammar leaves no choice. Where it leaves no choice of tokens either, the draft is certain;
/// otherwise it spells the text by the longest tokens.
/// </summary>
internal sealed class ForcedGuesses : ITokenDrafter
{
    /// <inheritdoc/>
    public string Name => DrafterNames.Forced;

    /// <inheritdoc/>
    public ISequenceDrafter Open() => new Sequence();

    /// <summary>One sequence with a grammar.</summary>
    internal sealed class Sequence : ISequenceDrafter
    {
        /// <summary>Where its tokens stand in its grammar; set before every guess.</summary>
        public GrammarState? Grammar { get; set; }

        /// <inheritdoc/>
        public int Propose(ReadOnlySpan<int> tokens, DraftTree draft)
        {
            Span<int> forced = stackalloc int[SpeculationOptions.MaxDraftTokens];
            int count = Grammar?.Forced(forced[..Math.Min(forced.Length, draft.Room.Depth)]) ?? 0;
            draft.Take(forced[..count], [], []);
            return GuessGrades.Count - 1;
        }

        /// <inheritdoc/>
        public void Close(ReadOnlySpan<int> tokens) => Grammar = null;
    }
}
