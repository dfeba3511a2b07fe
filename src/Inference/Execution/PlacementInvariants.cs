using System.Diagnostics;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Execution;

/// <summary>
/// What holds of every row that a shard lays out, asserted in debug builds: I2, positions follow from the tokens before the row, never from its index in the step; I5, a node at
/// depth d stands at the position d after the base, so that keeping it moves bytes only.
/// </summary>
internal static class PlacementInvariants
{
    /// <summary>Asserts what holds.</summary>
    /// <param name="sequence">A sequence's rows as laid out.</param>
    /// <param name="baseLength">Tokens before them, as the coordinator says.</param>
    /// <param name="blockTokens">Tokens of a block.</param>
    /// <param name="pageRows">Physical rows of all pages; scratch rows are those from here on.</param>
    [Conditional("DEBUG")]
    public static void Assert(ForwardSequence sequence, int baseLength, int blockTokens, int pageRows)
    {
        string? broken = Broken(sequence, baseLength, blockTokens, pageRows);
        Debug.Assert(broken is null, broken);
    }

    /// <summary>The first invariant that is broken, or <see langword="null"/>.</summary>
    internal static string? Broken(ForwardSequence sequence, int baseLength, int blockTokens, int pageRows)
    {
        if (sequence.BaseLength != baseLength)
        {
            return $"I2: rows are laid out after '{sequence.BaseLength}' tokens; {baseLength} precede them.";
        }
        for (int row = 0; row < sequence.RowCount; row++)
        {
            int parent = sequence.Parents[row];
            if (parent >= row || sequence.Depths[row] != (parent < 0 ? 0 : sequence.Depths[parent] + 1))
            {
                return $"I5: row '{row}' with parent '{parent}' has depth '{sequence.Depths[row]}'.";
            }
            int position = baseLength + sequence.Depths[row];
            int slot = sequence.KvSlots[row];
            if (slot < pageRows && slot != (sequence.Blocks[position / blockTokens] * blockTokens) + (position % blockTokens))
            {
                return $"I5: row '{row}' at position '{position}' is written to row '{slot}' of the pages, which is another position's.";
            }
            if (sequence.KvSlots[..row].Contains(slot))
            {
                return $"I5: row '{row}' is written to '{slot}', where another row of the sequence is.";
            }
        }
        return null;
    }
}
