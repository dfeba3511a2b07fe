using System.Diagnostics;
using Winnow.Inference.Execution;

namespace Winnow.Gateway.Coordination;

/// <summary>
/// What holds of every sequence between and within its rounds, asserted in debug builds. Names are those of the method's specification (after BASS, arXiv 2404.15778, and
/// Kangaroo, arXiv 2404.18911); the shards' part is <c>PlacementInvariants</c>, the draft model's is asserted where it takes in what it is told.
/// </summary>
/// <remarks>
/// I7, that only committed tokens are quantised in groups, has nothing to assert: keys and values are quantised a token at a time. I10, that no shard decides by itself how many
/// drafts run, is checked in every build: a later shard whose rows differ from those it was sent fails the step.
/// </remarks>
internal static class BatchInvariants
{
    /// <summary>Asserts what holds when a sequence's rows go into a step.</summary>
    /// <param name="sequence">The sequence, before it is marked as sent.</param>
    /// <param name="rows">Its rows.</param>
    /// <param name="blocks">Owner of its blocks.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    [Conditional("DEBUG")]
    public static void AssertSent(RunningSequence sequence, SequenceRows rows, KvBlockAllocator blocks, int blockTokens)
    {
        string? broken = BrokenBySending(sequence, rows, blocks, blockTokens);
        Debug.Assert(broken is null, broken);
    }

    /// <summary>Asserts what holds when a step's tokens have been committed.</summary>
    /// <param name="sequence">The sequence.</param>
    /// <param name="before">Its tokens before.</param>
    /// <param name="kept">Tokens committed.</param>
    /// <param name="accepted">Drafts that the target accepted, before anything was dropped behind an end.</param>
    /// <param name="hasEnded">It has come to its end.</param>
    [Conditional("DEBUG")]
    public static void AssertCommitted(RunningSequence sequence, int before, int kept, int accepted, bool hasEnded)
    {
        string? broken = BrokenByCommitting(sequence, before, kept, accepted, hasEnded);
        Debug.Assert(broken is null, broken);
    }

    /// <summary>The first invariant that rows break, or <see langword="null"/>.</summary>
    internal static string? BrokenBySending(RunningSequence sequence, SequenceRows rows, KvBlockAllocator blocks, int blockTokens)
    {
        if (rows.Sample && !sequence.InFlight && rows.BaseLength + rows.KnownCount != sequence.Count)
        {
            return $"I2: verified rows begin at '{rows.BaseLength}' with '{rows.KnownCount}' known tokens; the sequence has {sequence.Count}.";
        }
        if (rows.Tokens.Length != rows.KnownCount + sequence.Drafts.Count || (!rows.Sample && sequence.Drafts.Count > 0))
        {
            return $"I9: '{rows.Tokens.Length}' rows for '{rows.KnownCount}' known tokens and '{sequence.Drafts.Count}' drafts, sampled '{rows.Sample}'.";
        }
        // Rows are written from the first position on that does not yet lie in the pages for good.
        for (int index = sequence.SettledLength / blockTokens; index < sequence.Blocks.Count; index++)
        {
            int block = sequence.Blocks[index];
            if (blocks.References(block) != 1 || blocks.IsCached(block))
            {
                return $"I6: block '{block}', number {index} of the sequence, is written to; it has '{blocks.References(block)}' holders and is cached '{blocks.IsCached(block)}'.";
            }
        }
        return null;
    }

    /// <summary>The first invariant that a commit has broken, or <see langword="null"/>.</summary>
    internal static string? BrokenByCommitting(RunningSequence sequence, int before, int kept, int accepted, bool hasEnded)
    {
        if (sequence.Count != before + kept || kept > accepted + 1 || (kept <= accepted && !hasEnded))
        {
            return $"I3: '{before}' tokens became '{sequence.Count}' by '{kept}' of '{accepted}' accepted ones and one more, ended '{hasEnded}'.";
        }
        if (sequence.KvLength != sequence.Count - (kept > accepted ? 1 : 0))
        {
            return $"I1: keys and values of '{sequence.KvLength}' tokens are stored; the sequence has {sequence.Count}, the last of them drawn '{kept > accepted}'.";
        }
        foreach (int token in sequence.Tokens[before..^1])
        {
            if (sequence.Request.StopTokens.Contains(token))
            {
                return $"I8: end token '{token}' was committed with tokens behind it.";
            }
        }
        return null;
    }
}
