using Winnow.Inference.Graph;

namespace Winnow.Tests.Common;

/// <summary>A random draft tree whose rows lie in shuffled scratch rows, or with its first chain in the pages.</summary>
public sealed record TreeRows(int[] Tokens, int[] Parents, int[] Depths, int[] ScratchRows)
{
    public static TreeRows Create(Random random, int rows, int mostDepth)
    {
        int[] parents = new int[rows];
        int[] depths = new int[rows];
        for (int row = 0; row < rows; row++)
        {
            do
            {
                parents[row] = row == 0 ? -1 : random.Next(-1, row);
            }
            while (parents[row] >= 0 && depths[parents[row]] == mostDepth);
            depths[row] = parents[row] < 0 ? 0 : depths[parents[row]] + 1;
        }
        int[] scratch = [.. Enumerable.Range(0, rows)];
        random.Shuffle(scratch);
        return new TreeRows([.. parents.Select(_ => random.Next(256))], parents, depths, scratch);
    }

    public IEnumerable<int> PathTokens(int row) => row < 0 ? [] : PathTokens(Parents[row]).Append(Tokens[row]);

    /// <summary>The rows of one depth, whose ancestors earlier batches of this have computed.</summary>
    public ForwardBatch Level(ShardDriver driver, int baseLength, int depth)
    {
        int[] earlier = [.. Enumerable.Range(0, Tokens.Length).Where(row => Depths[row] < depth)];
        int[] rows = [.. Enumerable.Range(0, Tokens.Length).Where(row => Depths[row] == depth)];
        ForwardBatch batch = new();
        ForwardSequence sequence = batch.Add(rows.Length);
        sequence.BaseLength = baseLength;
        sequence.SetBlocks(ShardDriver.Blocks(driver.Spec, 0));
        foreach (int row in earlier)
        {
            sequence.AddEarlier(ShardDriver.FirstScratchSlot(driver.Spec) + ScratchRows[row], Array.IndexOf(earlier, Parents[row]));
        }
        for (int i = 0; i < rows.Length; i++)
        {
            sequence.Tokens[i] = Tokens[rows[i]];
            sequence.Parents[i] = depth == 0 ? -1 : EarlierNode.AsParent(Array.IndexOf(earlier, Parents[rows[i]]));
            sequence.Depths[i] = depth;
            sequence.KvSlots[i] = ShardDriver.FirstScratchSlot(driver.Spec) + ScratchRows[rows[i]];
        }
        sequence.FirstOutputRow = 0;
        return batch;
    }

    public ForwardBatch Batch(ShardDriver driver, int baseLength, bool chainInPages)
    {
        ForwardBatch batch = new();
        ForwardSequence sequence = batch.Add(Tokens.Length);
        sequence.BaseLength = baseLength;
        sequence.SetBlocks(ShardDriver.Blocks(driver.Spec, 0));
        Tokens.CopyTo(sequence.Tokens);
        Parents.CopyTo(sequence.Parents);
        Depths.CopyTo(sequence.Depths);
        int tip = -1;
        for (int row = 0; row < Tokens.Length; row++)
        {
            bool inPage = chainInPages && Parents[row] == tip;
            sequence.KvSlots[row] = inPage ? baseLength + Depths[row] : ShardDriver.FirstScratchSlot(driver.Spec) + ScratchRows[row];
            tip = inPage ? row : tip;
        }
        sequence.FirstOutputRow = 0;
        return batch;
    }
}
