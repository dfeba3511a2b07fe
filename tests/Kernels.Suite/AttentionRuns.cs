using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>What every kernel of attention is held to, with a setup that says which and of what size: passes of chains cut anywhere, and of trees.</summary>
public abstract class AttentionRuns : KernelSuite
{
    /// <summary>The largest difference from doubles.</summary>
    protected const double Tolerance = 5e-6;

    private protected static void AssertHeadsMatchDoubles(AttentionSetup setup)
    {
        using AttentionCase sut = new(Accelerator, setup);
        int[] tokens = Tokens(1, 300);
        int[] blocks = Blocks(2, setup);
        sut.Fill(blocks, tokens, 297);

        float[][] rows = Chain(sut, blocks, tokens, 297, 300);

        for (int row = 0; row < 3; row++)
        {
            AssertNear(sut.Expected(tokens[..(298 + row)]), rows[row], Tolerance, $"row {row}");
        }
    }

    private protected static void AssertContextMatchesDoubles(AttentionSetup setup, int context)
    {
        using AttentionCase sut = new(Accelerator, setup);
        int[] tokens = Tokens(3, context);
        int[] blocks = Blocks(4, setup);
        sut.Fill(blocks, tokens, context - 1);

        float[][] rows = Chain(sut, blocks, tokens, context - 1, context);

        AssertNear(sut.Expected(tokens), rows[0], Tolerance, "row");
    }

    private protected static void AssertWindowAndCapMatchDoubles(AttentionSetup setup)
    {
        using AttentionCase sut = new(Accelerator, setup);
        int[] tokens = Tokens(5, 530);
        int[] blocks = Blocks(6, setup);
        sut.Fill(blocks, tokens, 500);

        float[][] rows = Chain(sut, blocks, tokens, 500, 530);

        foreach (int row in new[] { 0, 11, 12, 29 })
        {
            AssertNear(sut.Expected(tokens[..(501 + row)]), rows[row], 1e-5, $"row {row}");
        }
    }

    // 33 sequences of different lengths, each alone and among others.
    private protected static void AssertNeighboursChangeNothing(AttentionSetup setup, params int[] counts)
    {
        int[] lengths = [.. Enumerable.Range(0, 33).Select(i => i == 20 ? 300 : i == 7 ? 257 : 1 + (i * 7 % 40))];
        int[] all = Blocks(10, setup);
        int[][] blocks = new int[33][];
        for (int i = 0, used = 0; i < 33; i++)
        {
            int count = (lengths[i] + 15) / 16;
            blocks[i] = all[used..(used + count)];
            used += count;
        }
        using AttentionCase sut = new(Accelerator, setup);
        float[][] alone = new float[33][];
        for (int i = 0; i < 33; i++)
        {
            sut.Fill(blocks[i], Tokens(i, lengths[i]), lengths[i] - 1);
            alone[i] = Chain(sut, blocks[i], Tokens(i, lengths[i]), lengths[i] - 1, lengths[i])[0];
        }
        foreach (int count in counts)
        {
            ForwardBatch batch = new();
            for (int i = 0; i < count; i++)
            {
                int sequence = i * 5 % 33;
                sut.AddChain(batch, blocks[sequence], Tokens(sequence, lengths[sequence]), lengths[sequence] - 1, lengths[sequence]);
            }
            float[][] together = sut.Run(batch);
            for (int i = 0; i < count; i++)
            {
                AssertSameBits(alone[i * 5 % 33], together[i], $"row {i} of {count}");
            }
        }
    }

    private protected static void AssertTreeMatchesDoublesAndItsChains(AttentionSetup setup, int context)
    {
        // Two branches below node 0, one of them with two ends, and a second root.
        int[] parents = [-1, 0, 1, 0, 3, 4, 4, 2, -1, 8];
        int[] tokens = Tokens(11, context);
        int[] blocks = Blocks(12, setup);
        using AttentionCase sut = new(Accelerator, setup);
        sut.Fill(blocks, tokens, context);
        ForwardBatch batch = new();
        AddTree(sut, batch, blocks, parents, context, 0);

        float[][] rows = sut.Run(batch);

        for (int node = 0; node < parents.Length; node++)
        {
            int[] path = [.. tokens, .. PathTo(parents, node)];
            AssertNear(sut.Expected(path), rows[node], Tolerance, $"node {node}");
            using AttentionCase chain = new(Accelerator, setup);
            chain.Fill(blocks, path, path.Length - 1);
            AssertSameBits(Chain(chain, blocks, path, path.Length - 1, path.Length)[0], rows[node], $"node {node}");
        }
    }

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
