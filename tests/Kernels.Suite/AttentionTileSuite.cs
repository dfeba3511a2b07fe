using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>
/// Paged attention by tensor cores, against doubles with an explicit list of keys, and the law: a row's bits depend on its query and keys alone, whatever
/// row of a tile it is.
/// </summary>
public abstract class AttentionTileSuite : AttentionRuns
{
    private static readonly AttentionSetup Setup = new() { HeadSize = 64, Heads = 4, Variant = KernelVariant.Tensor };

    [TensorTheory]
    [InlineData(1, 1, 64, KvType.F16)]
    [InlineData(4, 1, 128, KvType.F16)]
    [InlineData(6, 2, 96, KvType.F16)]
    [InlineData(4, 2, 64, KvType.Q8_0)]
    [InlineData(2, 1, 128, KvType.Q8_0)]
    [InlineData(7, 1, 96, KvType.Q4_0)]
    [InlineData(3, 1, 128, KvType.Q4_0)]
    [InlineData(67, 1, 64, KvType.F16)]
    public void Attend_AnyHeadsAndForm_MatchesDoubles(int heads, int kvHeads, int headSize, KvType type) =>
        AssertHeadsMatchDoubles(Setup with { Heads = heads, KvHeads = kvHeads, HeadSize = headSize, Type = type });

    [TensorTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(513)]
    public void Attend_AnyContext_MatchesDoubles(int context) =>
        AssertContextMatchesDoubles(Setup with { BlockTokens = 32, Blocks = 20, Heads = 2 }, context);

    [TensorTheory]
    [InlineData(1, 0)]
    [InlineData(5, 0)]
    [InlineData(255, 30)]
    [InlineData(300, 0)]
    [InlineData(0, 3)]
    [InlineData(0, 50)]
    public void Attend_WindowOrSoftCap_MatchesDoubles(int window, float cap) =>
        AssertWindowAndCapMatchDoubles(Setup with { Window = window, SoftCap = cap, Scale = 0.7f, Heads = 2 });

    [TensorTheory]
    [InlineData(KvType.F16, 1e-30f, 1)]
    [InlineData(KvType.F16, 1e30f, 1)]
    [InlineData(KvType.F16, 1, 30000)]
    [InlineData(KvType.Q8_0, 1, 30000)]
    [InlineData(KvType.Q4_0, 1, 4000)]
    public void Attend_QueriesOrValuesOfAnySize_MatchesDoubles(KvType type, float queries, float values)
    {
        AttentionSetup setup = Setup with { Heads = 1, Type = type, Scale = 0.05f / queries };
        using AttentionCase plain = new(Accelerator, setup);
        using AttentionCase sut = new(Accelerator, setup)
        {
            Vector = (token, position, what, width) =>
                [.. plain.Vector(token, position, what, width).Select(x => x * (what == 0 ? queries : what == 2 ? values / 2 : 1))],
        };
        int[] tokens = Tokens(17, 40);
        sut.Fill([1, 3, 2], tokens, 39);

        float[][] rows = Chain(sut, [1, 3, 2], tokens, 39, 40);

        AssertNear(sut.Expected(tokens), rows[0], Tolerance * values, "row");
    }

    [TensorTheory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    public void Attend_SlotsThatNoQueryReads_AreNeverSeen(KvType type)
    {
        AttentionSetup setup = Setup with { Window = 40, Type = type };
        int[] tokens = Tokens(18, 70);
        using AttentionCase sut = new(Accelerator, setup);
        using AttentionCase dirty = new(Accelerator, setup)
        {
            Vector = (token, position, what, width) => token < 0 ? [.. Enumerable.Repeat(float.NaN, width)] : sut.Vector(token, position, what, width),
        };
        int[] blocks = Blocks(19, setup);
        sut.Fill(blocks, tokens, 69);
        dirty.Fill(blocks, [.. Enumerable.Repeat(-1, 16 * blocks.Length)], 16 * blocks.Length);
        dirty.Fill(blocks, [.. tokens.Select((token, position) => position < 30 ? -1 : token)], 69);

        AssertSameRows(Chain(sut, blocks, tokens, 69, 70), Chain(dirty, blocks, tokens, 69, 70));
    }

    [TensorTheory]
    [InlineData(0, 0f, 4, KvType.F16)]
    [InlineData(70, 0f, 1, KvType.Q8_0)]
    [InlineData(0, 20f, 7, KvType.Q4_0)]
    public void Attend_AnyCut_GivesTheSameBits(int window, float cap, int heads, KvType type)
    {
        const int Context = 275;
        AttentionSetup setup = Setup with { Window = window, SoftCap = cap, Heads = heads, Type = type };
        int[] tokens = Tokens(7, Context);
        int[] blocks = Blocks(8, setup);
        float[][] whole = Cut(setup, blocks, tokens, Context);

        AssertSameRows(whole, Cut(setup, blocks, tokens, 100, 101, 255, 257, 258, 270, 274, Context));
        AssertSameRows(whole, Cut(setup with { Partials = 0 }, Blocks(9, setup), tokens, 230, 250, 274, Context));
    }

    [TensorFact]
    public void Attend_1To33Sequences_GivesEachRowItsBitsAlone() =>
        AssertNeighboursChangeNothing(Setup with { KvHeads = 2, Blocks = 100 }, 2, 3, 8, 33);

    [TensorTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(15)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(31)]
    [InlineData(33)]
    public void Attend_1To33RowsOfASequence_GiveTheLastItsBitsAlone(int rows)
    {
        AttentionSetup setup = Setup with { Heads = 3 };
        int[] tokens = Tokens(20, 290);
        int[] blocks = Blocks(21, setup);
        using AttentionCase sut = new(Accelerator, setup);
        sut.Fill(blocks, tokens, 289);
        float[] alone = Chain(sut, blocks, tokens, 289, 290)[0];

        AssertSameBits(alone, Chain(sut, blocks, tokens, 290 - rows, 290)[^1], $"the last of {rows} rows");
    }

    [TensorTheory]
    [InlineData(0, 0, 512)]
    [InlineData(37, 0, 512)]
    [InlineData(250, 0, 512)]
    [InlineData(300, 0, 0)]
    [InlineData(509, 100, 512)]
    public void Attend_Tree_MatchesDoublesAndTheChain(int context, int window, int partials) =>
        AssertTreeMatchesDoublesAndItsChains(Setup with { Window = window, Partials = partials }, context);

    [TensorFact]
    public void New_HeadsThatTilesDoNotTake_UsesThePortableKernel()
    {
        AttentionSetup setup = Setup with { HeadSize = 80, Heads = 1 };
        using AttentionCase sut = new(Accelerator, setup);
        int[] tokens = Tokens(22, 5);

        float[][] rows = Chain(sut, [2], tokens, 0, 5);

        AssertNear(sut.Expected(tokens), rows[4], Tolerance, "row");
    }
}
