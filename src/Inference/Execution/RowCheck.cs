using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>Checks one sequence's rows against its slot before anything is changed.</summary>
internal static class RowCheck
{
    /// <summary>The first problem, or <see langword="null"/> when the known tokens can run; drafts are judged by <see cref="DraftCut"/>.</summary>
    public static StepError? Problem(SequenceRows rows, SlotState slot, ShardSpec spec)
    {
        if (slot.Error is not null)
        {
            return slot.Error;
        }
        return Counts(rows, slot, spec) ?? Blocks(rows, slot, spec) ?? Prefix(rows, slot);
    }

    private static StepError? Counts(SequenceRows rows, SlotState slot, ShardSpec spec)
    {
        if (rows.KnownCount < 1 || rows.KnownCount > rows.Tokens.Length || rows.BaseLength < 0)
        {
            return BadRow(rows, $"has known count '{rows.KnownCount}' of '{rows.Tokens.Length}' tokens at base length '{rows.BaseLength}'");
        }
        if (rows.BaseLength > spec.ContextTokens - rows.KnownCount)
        {
            return new StepError(StepErrorTypes.ContextExceeded,
                $"Slot '{rows.Slot}' would have '{(long)rows.BaseLength + rows.KnownCount}' tokens; the context is {spec.ContextTokens}.");
        }
        int drafts = rows.Tokens.Length - rows.KnownCount;
        if (rows.Parents.Length != 0 && rows.Parents.Length != drafts)
        {
            return BadRow(rows, $"has '{rows.Parents.Length}' parents for '{drafts}' draft tokens");
        }
        if (!rows.Sample && drafts > 0)
        {
            return BadRow(rows, $"has '{drafts}' draft tokens but is not sampled");
        }
        if (rows.Sample && rows.BaseLength + rows.KnownCount < slot.PromptTokens)
        {
            return BadRow(rows, $"samples after '{rows.BaseLength + rows.KnownCount}' tokens, inside its prompt of {slot.PromptTokens}");
        }
        return rows.Tokens.AsSpan(0, rows.KnownCount).ContainsAnyExceptInRange(0, spec.VocabularySize - 1)
            ? BadRow(rows, $"has a known token id out of range 0 to {spec.VocabularySize - 1}")
            : null;
    }

    private static StepError? Blocks(SequenceRows rows, SlotState slot, ShardSpec spec)
    {
        if (rows.TruncateBlocks < 0 || rows.TruncateBlocks > slot.Blocks.Length)
        {
            return BadRow(rows, $"cuts its '{slot.Blocks.Length}' blocks to '{rows.TruncateBlocks}'");
        }
        if (rows.NewBlocks.AsSpan().ContainsAnyExceptInRange(0, spec.BlockCount - 1))
        {
            return BadRow(rows, $"has a block id out of range 0 to {spec.BlockCount - 1}");
        }
        long blocks = BlocksAfter(rows, slot);
        if (blocks > spec.BlockCount || blocks * spec.BlockTokens < (long)rows.BaseLength + rows.KnownCount)
        {
            return BadRow(rows, $"has '{blocks}' blocks of {spec.BlockTokens} for '{rows.BaseLength + rows.KnownCount}' tokens");
        }
        return null;
    }

    /// <summary>Blocks in the table once the row's changes to it are made.</summary>
    public static int BlocksAfter(SequenceRows rows, SlotState slot) =>
        (rows.TruncateBlocks > 0 ? rows.TruncateBlocks : slot.Blocks.Length) + rows.NewBlocks.Length;

    private static StepError? Prefix(SequenceRows rows, SlotState slot)
    {
        if (!slot.Drafts.IsPath(rows.KeepPath))
        {
            return BadRow(rows, $"keeps rows '{string.Join(", ", rows.KeepPath.Take(8))}', which are no path of its previous step");
        }
        ulong hash;
        int kept = rows.KeepPath.Length == 0 ? 0 : rows.BaseLength - slot.Drafts.FirstPosition;
        if (kept > rows.KeepPath.Length || (kept <= 0 && rows.BaseLength > slot.Chain.Length))
        {
            return Mismatch(rows, slot);
        }
        if (kept > 0)
        {
            hash = slot.Chain.HashAt(slot.Drafts.FirstPosition);
            foreach (int index in rows.KeepPath.AsSpan(0, kept))
            {
                hash = PrefixHash.Append(hash, slot.Drafts.Token(index));
            }
        }
        else
        {
            hash = slot.Chain.HashAt(rows.BaseLength);
        }
        return hash == rows.PrefixHash ? null : Mismatch(rows, slot);
    }

    private static StepError BadRow(SequenceRows rows, string found) =>
        new(StepErrorTypes.BadRow, $"Slot '{rows.Slot}' {found}; the rows were dropped.");

    private static StepError Mismatch(SequenceRows rows, SlotState slot) =>
        new(StepErrorTypes.PrefixMismatch, $"Slot '{rows.Slot}' holds '{slot.Chain.Length}' tokens and their hash is not that of the "
            + $"'{rows.BaseLength}' tokens asked for; open the sequence again with its tokens.");
}
