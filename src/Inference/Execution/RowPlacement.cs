using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>
/// Applies a checked row to its slot and lays it out for the forward pass: known tokens and the main chain of drafts go to
/// their page positions, other tree nodes to scratch rows.
/// </summary>
internal sealed class RowPlacement(IShard shard, IShard? exit, ScratchRows scratch)
{
    private readonly ShardSpec _spec = shard.Spec;

    /// <summary>Applies the block changes, keeps the accepted path, cuts the slot to the base length and adds the rows.</summary>
    /// <param name="rows">The checked row.</param>
    /// <param name="length">Tokens of it that run.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="batch">Where the rows are added.</param>
    public void Place(SequenceRows rows, int length, SlotState slot, ForwardBatch batch)
    {
        slot.ChangeBlocks(rows.TruncateBlocks, rows.NewBlocks);
        KeepPath(rows, slot);
        slot.Drafts.Release(scratch);
        slot.Chain.Truncate(rows.BaseLength);
        Lay(rows, length, slot, batch);
    }

    /// <summary>Lays a row out again that has been placed without some of its drafts; its block changes and its path have been applied.</summary>
    /// <param name="rows">The row with all its drafts, a chain.</param>
    /// <param name="slot">Its slot.</param>
    /// <param name="batch">Where the rows are added.</param>
    public void PlaceAgain(SequenceRows rows, SlotState slot, ForwardBatch batch)
    {
        slot.Drafts.Release(scratch);
        slot.Chain.Truncate(rows.BaseLength);
        Lay(rows, rows.Tokens.Length, slot, batch);
    }

    private void Lay(SequenceRows rows, int length, SlotState slot, ForwardBatch batch)
    {
        ForwardSequence sequence = batch.Add(length);
        sequence.BaseLength = rows.BaseLength;
        sequence.FirstOutputRow = rows.Sample ? rows.KnownCount - 1 : length;
        sequence.SetBlocks(slot.Blocks);
        rows.Tokens.AsSpan(0, length).CopyTo(sequence.Tokens);
        for (int i = 0; i < rows.KnownCount; i++)
        {
            sequence.Parents[i] = i - 1;
            sequence.Depths[i] = i;
            sequence.KvSlots[i] = PageRow(slot, rows.BaseLength + i);
        }
        slot.Chain.Append(rows.Tokens.AsSpan(0, rows.KnownCount));
        PlaceDrafts(rows, length, slot, sequence);
        PlacementInvariants.Assert(sequence, rows.BaseLength, _spec.BlockTokens, _spec.BlockCount * _spec.BlockTokens);
    }

    private void PlaceDrafts(SequenceRows rows, int length, SlotState slot, ForwardSequence sequence)
    {
        slot.Drafts.Begin(rows.KnownCount, rows.BaseLength + rows.KnownCount);
        int tip = rows.KnownCount - 1;
        for (int index = rows.KnownCount; index < length; index++)
        {
            int parent = DraftCut.Parent(rows, index);
            int token = rows.Tokens[index];
            bool onChain = parent == tip;
            int scratchRow = onChain ? -1 : scratch.Take();
            sequence.Parents[index] = parent;
            sequence.Depths[index] = sequence.Depths[parent] + 1;
            sequence.KvSlots[index] = onChain ? PageRow(slot, rows.BaseLength + sequence.Depths[index]) : scratchRow;
            slot.Drafts.Add(token, parent, scratchRow);
            if (onChain)
            {
                slot.Chain.Append(token);
                tip = index;
            }
        }
    }

    /// <summary>Moves the accepted nodes that ran in scratch rows to their page positions, in depth order.</summary>
    private void KeepPath(SequenceRows rows, SlotState slot)
    {
        int kept = Math.Min(rows.KeepPath.Length, rows.BaseLength - slot.Drafts.FirstPosition);
        if (kept <= 0)
        {
            return;
        }
        slot.Chain.Truncate(slot.Drafts.FirstPosition);
        foreach (int index in rows.KeepPath.AsSpan(0, kept))
        {
            int scratchRow = slot.Drafts.ScratchRow(index);
            if (scratchRow >= 0)
            {
                shard.CopyRow(scratchRow, PageRow(slot, slot.Chain.Length));
                exit?.CopyRow(scratchRow, PageRow(slot, slot.Chain.Length));
            }
            slot.Chain.Append(slot.Drafts.Token(index));
        }
    }

    private int PageRow(SlotState slot, int position) =>
        (slot.Blocks[position / _spec.BlockTokens] * _spec.BlockTokens) + (position % _spec.BlockTokens);
}
