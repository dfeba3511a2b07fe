using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>
/// Checks every number of a batch before it becomes an address. A batch comes from peers: nothing in it is believed.
/// </summary>
internal static class BatchChecks
{
    /// <summary>Checks all sequences.</summary>
    /// <exception cref="ArgumentException">A number is out of range; the message names sequence, row, value and range.</exception>
    public static void Check(ForwardBatch batch, ShardSpec spec)
    {
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            ForwardSequence sequence = batch[i];
            CheckTable(sequence, i, spec);
            CheckRows(sequence, i, spec);
        }
    }

    private static void CheckTable(ForwardSequence sequence, int index, ShardSpec spec)
    {
        Require(sequence.BaseLength, 0, spec.ContextTokens - 1, index, -1, "base length");
        long covered = (long)sequence.BlockCount * spec.BlockTokens;
        if (covered < sequence.BaseLength)
        {
            throw new ArgumentException(
                $"Sequence '{index}' of the batch has a block table for '{covered}' tokens; its base length is '{sequence.BaseLength}'.");
        }
        foreach (int block in sequence.Blocks)
        {
            Require(block, 0, spec.BlockCount - 1, index, -1, "KV block");
        }
    }

    private static void CheckRows(ForwardSequence sequence, int index, ShardSpec spec)
    {
        int lastSlot = (spec.BlockCount * spec.BlockTokens) + spec.ScratchTokens - 1;
        Require(sequence.FirstOutputRow, 0, sequence.RowCount, index, -1, "first output row");
        for (int node = 0; node < sequence.Earlier.Length; node++)
        {
            Require(sequence.Earlier[node].KvSlot, 0, lastSlot, index, -1, "earlier KV row");
        }
        ReadOnlySpan<int> depths = sequence.Depths;
        ReadOnlySpan<int> parents = sequence.Parents;
        for (int row = 0; row < sequence.RowCount; row++)
        {
            if (spec.HasEmbedding)
            {
                Require(sequence.Tokens[row], 0, spec.VocabularySize - 1, index, row, "token");
            }
            Require(parents[row], -1 - sequence.Earlier.Length, row - 1, index, row, "parent");
            int depth = parents[row] >= 0 ? depths[parents[row]] + 1 : parents[row] == -1 ? 0 : sequence.Earlier[EarlierNode.IndexOf(parents[row])].Depth + 1;
            Require(depths[row], depth, depth, index, row, "depth");
            Require(sequence.BaseLength + depth, 0, spec.ContextTokens - 1, index, row, "position");
            Require(sequence.KvSlots[row], 0, lastSlot, index, row, "KV row");
        }
    }

    private static void Require(int value, int least, int most, int sequence, int row, string what)
    {
        if (value < least || value > most)
        {
            string where = row < 0 ? $"Sequence '{sequence}' of the batch" : $"Row '{row}' of sequence '{sequence}' of the batch";
            throw new ArgumentException($"{where} has {what} '{value}'; allowed are {least} to {most}.");
        }
    }
}
