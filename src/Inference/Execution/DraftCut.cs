using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>
/// Decides how many of a row's draft nodes run: a drafter may propose anything, so the nodes from the first bad one on are
/// cut and the sequence goes on. A pure function of the message, the shard's sizes and the slot, hence equal on all shards.
/// </summary>
internal static class DraftCut
{
    /// <summary>Tokens of the row that run, known ones included.</summary>
    /// <param name="rows">The row; its known part has been checked.</param>
    /// <param name="slot">Its slot, before the row is applied.</param>
    /// <param name="spec">Sizes.</param>
    /// <param name="room">Rows the step has left, at least the known count.</param>
    /// <param name="maxDrafts">Most draft nodes of a sequence.</param>
    /// <param name="freeScratch">Scratch rows free once the slot's own are given back.</param>
    public static int Length(SequenceRows rows, SlotState slot, ShardSpec spec, int room, int maxDrafts, int freeScratch)
    {
        int known = rows.KnownCount;
        int most = (int)Math.Min(rows.Tokens.Length, Math.Min(room, (long)known + maxDrafts));
        int covered = (int)Math.Min(spec.ContextTokens, (long)RowCheck.BlocksAfter(rows, slot) * spec.BlockTokens);
        Span<int> depths = stackalloc int[Math.Max(0, most - known)];
        int tip = known - 1;
        for (int index = known; index < most; index++)
        {
            int parent = Parent(rows, index);
            if ((uint)rows.Tokens[index] >= (uint)spec.VocabularySize || parent < known - 1 || parent >= index)
            {
                return index;
            }
            int depth = parent < known ? 0 : depths[parent - known] + 1;
            depths[index - known] = depth;
            bool onChain = parent == tip;
            int position = rows.BaseLength + known + depth;
            if (position >= (onChain ? covered : spec.ContextTokens) || (!onChain && freeScratch-- == 0))
            {
                return index;
            }
            tip = onChain ? index : tip;
        }
        return most;
    }

    /// <summary>Parent of the draft node at <paramref name="index"/>, as an index into the row's tokens.</summary>
    public static int Parent(SequenceRows rows, int index) =>
        rows.Parents.Length == 0 ? index - 1 : rows.Parents[index - rows.KnownCount];
}
