using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>Paged attention against doubles with an explicit list of keys, and the law: a row's bits depend on its query and keys alone.</summary>
public abstract class AttentionSuite : AttentionRuns
{
    [KernelTheory]
    [InlineData(1, 1, 32, KvType.F32)]
    [InlineData(2, 1, 64, KvType.F16)]
    [InlineData(4, 1, 80, KvType.Q8_0)]
    [InlineData(8, 1, 96, KvType.Q4_0)]
    [InlineData(7, 1, 128, KvType.F16)]
    [InlineData(3, 3, 256, KvType.Q8_0)]
    [InlineData(12, 1, 16, KvType.F32)]
    [InlineData(4, 2, 112, KvType.Q4_0)]
    [InlineData(2, 2, 48, KvType.F16)]
    public void Attend_AnyHeadsAndForm_MatchesDoubles(int heads, int kvHeads, int headSize, KvType type) =>
        AssertHeadsMatchDoubles(new AttentionSetup { Heads = heads, KvHeads = kvHeads, HeadSize = headSize, Type = type });

    [KernelTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(513)]
    public void Attend_AnyContext_MatchesDoubles(int context) =>
        AssertContextMatchesDoubles(new AttentionSetup { BlockTokens = 32, Blocks = 20 }, context);

    [KernelTheory]
    [InlineData(1, 0)]
    [InlineData(5, 0)]
    [InlineData(255, 30)]
    [InlineData(256, 0)]
    [InlineData(300, 0)]
    [InlineData(0, 3)]
    [InlineData(0, 50)]
    public void Attend_WindowOrSoftCap_MatchesDoubles(int window, float cap) =>
        AssertWindowAndCapMatchDoubles(new AttentionSetup { Window = window, SoftCap = cap, Scale = 1 });

    [KernelFact]
    public void Attend_OneKey_IsItsValue()
    {
        AttentionSetup setup = new() { Heads = 4, KvHeads = 2, Type = KvType.F32 };
        using AttentionCase sut = new(Accelerator, setup);

        float[][] rows = Chain(sut, [3], [7], 0, 1);

        AssertNear(sut.Expected([7]), rows[0], 2.5e-7, "value");
    }

    [KernelTheory]
    [InlineData(KvType.F32)]
    [InlineData(KvType.F16)]
    public void Attend_ThreeKeysByHand_WeighsThemByTheirScores(KvType type)
    {
        // Scores 0, ln 2 and ln 5 of element 3: weights 1/8, 2/8 and 5/8 of the values 8, 16 and -8.
        float[] keys = [0, 2, 2 * MathF.Log(5) / MathF.Log(2)];
        float[] values = [8, 16, -8];
        AttentionSetup setup = new() { Heads = 1, Type = type, Scale = MathF.Log(2) / 2 };
        using AttentionCase sut = new(Accelerator, setup)
        {
            Vector = (_, position, what, width) =>
            {
                float[] vector = new float[width];
                Array.Fill(vector, what == 2 ? values[position] : 0);
                vector[3] = what == 0 ? 1 : what == 1 ? keys[position] : vector[3];
                return vector;
            },
        };

        float[][] rows = Chain(sut, [2], [0, 0, 0], 0, 3);

        AssertNear(Enumerable.Repeat(8.0, 32).ToArray(), rows[0], 1e-6, "row 0");
        AssertNear(Enumerable.Repeat(40.0 / 3, 32).ToArray(), rows[1], 1e-5, "row 1");
        AssertNear(Enumerable.Repeat(0.0, 32).ToArray(), rows[2], 5e-3, "row 2");
    }

    [KernelTheory]
    [InlineData(0, 0f, 1)]
    [InlineData(70, 0f, 4)]
    [InlineData(0, 20f, 7)]
    public void Attend_AnyCut_GivesTheSameBits(int window, float cap, int heads)
    {
        const int Context = 521;
        AttentionSetup setup = new() { Window = window, SoftCap = cap, Heads = heads };
        int[] tokens = Tokens(7, Context);
        int[] blocks = Blocks(8, setup);
        float[][] whole = Cut(setup, blocks, tokens, Context);

        AssertSameRows(whole, Cut(setup, blocks, tokens, 100, 101, 255, 257, 258, 300, 512, 519, 520, Context));
        AssertSameRows(whole, Cut(setup, Blocks(9, setup), tokens, 33, 66, Context));
        AssertSameRows(whole, Cut(setup with { Partials = 0, Threads = 1 }, blocks, tokens, 470, 500, 520, Context));
        AssertSameRows(whole, Cut(setup with { BlockTokens = 64, Blocks = 12, Threads = 32 }, Blocks(9, setup with { Blocks = 12 }), tokens, 511, 513, Context));
    }

    [KernelFact]
    public void Attend_1To33Sequences_GivesEachRowItsBitsAlone() =>
        AssertNeighboursChangeNothing(new AttentionSetup { Heads = 4, KvHeads = 2, Blocks = 100 }, 1, 2, 3, 4, 5, 6, 7, 8, 9, 17, 25, 33);

    [KernelTheory]
    [InlineData(0, 0, 512)]
    [InlineData(37, 0, 512)]
    [InlineData(250, 0, 512)]
    [InlineData(300, 0, 0)]
    [InlineData(509, 100, 512)]
    public void Attend_Tree_MatchesDoublesAndTheChain(int context, int window, int partials) =>
        AssertTreeMatchesDoublesAndItsChains(new AttentionSetup { Heads = 4, Window = window, Partials = partials }, context);

    [KernelFact]
    public void Attend_NodesOfAnEarlierPass_GivesTheSameBits()
    {
        const int Context = 254;
        AttentionSetup setup = new();
        int[] parents = [-1, 0, 1, 1, 3, 2];
        int[] tokens = Tokens(13, Context);
        int[] blocks = Blocks(14, setup);
        using AttentionCase sut = new(Accelerator, setup);
        sut.Fill(blocks, tokens, Context);
        ForwardBatch batch = new();
        AddTree(sut, batch, blocks, parents, Context, 0);
        float[][] whole = sut.Run(batch);

        using AttentionCase twice = new(Accelerator, setup);
        twice.Fill(blocks, tokens, Context);
        ForwardBatch first = new();
        AddTree(twice, first, blocks, parents[..3], Context, 0);
        twice.Run(first);
        ForwardBatch second = new();
        AddTree(twice, second, blocks, parents, Context, 3);
        float[][] rest = twice.Run(second);

        AssertSameRows(whole[3..], rest);
    }

    [KernelFact]
    public void Attend_OnlyOutputs_GivesTheirRowsWithoutGaps()
    {
        AttentionSetup setup = new();
        int[] tokens = Tokens(15, 290);
        int[] blocks = Blocks(16, setup);
        using AttentionCase sut = new(Accelerator, setup);
        sut.Fill(blocks, tokens, 260);
        ForwardBatch batch = new();
        sut.AddChain(batch, blocks[..1], tokens, 0, 4);
        sut.AddChain(batch, blocks, tokens, 260, 290);
        float[][] all = sut.Run(batch);
        batch[0].FirstOutputRow = 4;
        batch[1].FirstOutputRow = 20;

        float[][] outputs = sut.Run(batch, onlyOutputs: true);

        AssertSameRows(all[24..], outputs);
    }

    [KernelFact]
    public void Run_ShapesThatDoNotFit_ThrowsWithBoth()
    {
        DeviceKvLayout layout = new(1, 2, 64, 16, 4, 0, KvType.F16);
        using DeviceKv kv = new(Accelerator, layout);

        Assert.Contains("'3'", Assert.Throws<ArgumentException>(() => new AttentionOp(Accelerator, layout, 3, 0)).Message);
        using AttentionOp sut = new(Accelerator, layout, 4, 0);
        using var floats = Accelerator.Allocate1D<float>(1024);
        using var pass = Accelerator.Allocate1D<int>(64);
        AttentionBlock block = new() { Scale = 1, Rope = new RopeBlock { Style = RopeStyle.Halves, Dimensions = 64, Base = 1, OriginalContextTokens = 1 } };
        GpuWorker.Kernels.RowsView narrow = new(floats.View, 128, 128);
        GpuWorker.Kernels.RowsView rows = new(floats.View, 256, 256);
        AttentionList list = new(0, 1, 8, 1, 16, 0, 0, 1);
        Assert.Contains("'256'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 1, pass.View, list, block, narrow, kv.Layer(0), rows)).Message);
        Assert.Contains("'9'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 1, pass.View, list with { Window = 9 }, block, rows, kv.Layer(0), rows)).Message);
        Assert.Contains("'256'", Assert.Throws<ArgumentException>(() => sut.Run(Stream, 10, pass.View, list, block, rows, kv.Layer(0), rows)).Message);
    }
}
