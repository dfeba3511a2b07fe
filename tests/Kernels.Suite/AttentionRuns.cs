using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>Passes that attention suites run: chains cut anywhere, and trees.</summary>
public abstract class AttentionRuns : KernelSuite
{
    private protected static int[] Tokens(int seed, int count)
    {
        Random random = new(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(1000))];
    }

    private protected static int[] Blocks(int seed, AttentionSetup setup)
    {
        int[] blocks = [.. Enumerable.Range(0, setup.Blocks)];
        new Random(seed).Shuffle(blocks);
        return blocks;
    }

    private protected static float[][] Chain(AttentionCase sut, int[] blocks, int[] tokens, int done, int end)
    {
        ForwardBatch batch = new();
        sut.AddChain(batch, blocks, tokens, done, end);
        return sut.Run(batch);
    }

    private protected static float[][] Cut(AttentionSetup setup, int[] blocks, int[] tokens, params int[] ends)
    {
        using AttentionCase sut = new(Accelerator, setup);
        List<float[]> rows = [];
        int done = 0;
        foreach (int end in ends)
        {
            rows.AddRange(Chain(sut, blocks, tokens, done, end));
            done = end;
        }
        return [.. rows];
    }

    // Nodes below "computed" are those of an earlier pass. All lie in scratch rows, in no order.
    private protected static void AddTree(AttentionCase sut, ForwardBatch batch, int[] blocks, int[] parents, int context, int computed)
    {
        ForwardSequence sequence = batch.Add(parents.Length - computed);
        sequence.BaseLength = context;
        sequence.SetBlocks(blocks);
        sequence.FirstOutputRow = 0;
        for (int node = 0; node < parents.Length; node++)
        {
            int slot = sut.FirstScratch + (node * 17 % 41);
            if (node < computed)
            {
                sequence.AddEarlier(slot, parents[node]);
                continue;
            }
            int row = node - computed;
            int parent = parents[node];
            sequence.Tokens[row] = TokenOf(node);
            sequence.Parents[row] = parent < 0 ? -1 : parent < computed ? EarlierNode.AsParent(parent) : parent - computed;
            sequence.Depths[row] = PathTo(parents, node).Length - 1;
            sequence.KvSlots[row] = slot;
        }
    }

    private protected static int[] PathTo(int[] parents, int node) =>
        node < 0 ? [] : [.. PathTo(parents, parents[node]), TokenOf(node)];

    private static int TokenOf(int node) => 2000 + node;

    private protected static void AssertSameRows(float[][] expected, float[][] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int row = 0; row < expected.Length; row++)
        {
            AssertSameBits(expected[row], actual[row], $"row {row}");
        }
    }
}
