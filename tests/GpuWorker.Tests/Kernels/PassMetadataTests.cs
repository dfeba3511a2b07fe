using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Tests.Kernels;

public sealed class PassMetadataTests
{
    private const int Row = PassMetadata.RowInts;

    [Fact]
    public void Build_ChainAfterABase_ShareOnePathAndTable()
    {
        PassMetadata sut = Make(partials: 0);

        sut.Build(Batch(100, [-1, 0, 1]));

        int[] data = sut.Data.ToArray();
        int blocks = data[PassMetadata.RowBlocks];
        int path = data[PassMetadata.RowPath];
        Assert.Equal(3, sut.RowCount);
        Assert.Equal([100, 101, 102], Column(data, 3, PassMetadata.RowPosition));
        Assert.Equal([path, path, path], Column(data, 3, PassMetadata.RowPath));
        Assert.Equal([50, 51, 52], data[path..(path + 3)]);
        Assert.Equal([9, 8, 7], data[blocks..(blocks + 3)]);
        Assert.Equal([1000, 1001, 1002], data[sut.Tokens..(sut.Tokens + 3)]);
        Assert.Equal([100, 100, 100], Column(data, 3, PassMetadata.RowBase));
    }

    [Fact]
    public void Build_Tree_EveryNodeHasTheSlotsOfItsAncestors()
    {
        int[] parents = [-1, 0, 0, 1, 2, 4, -1];
        PassMetadata sut = Make(partials: 0);

        sut.Build(Batch(10, parents));

        int[] data = sut.Data.ToArray();
        for (int node = 0; node < parents.Length; node++)
        {
            int path = data[(node * Row) + PassMetadata.RowPath];
            int position = data[(node * Row) + PassMetadata.RowPosition];
            for (int at = node; at >= 0; at = parents[at], position--)
            {
                Assert.Equal(50 + at, data[path + position - 10]);
            }
            Assert.Equal(9, position);
        }
    }

    [Fact]
    public void Build_BelowNodesOfAnEarlierPass_TheirSlotsComeFirst()
    {
        ForwardBatch batch = new();
        ForwardSequence sequence = batch.Add(1);
        sequence.BaseLength = 5;
        sequence.SetBlocks([1]);
        sequence.AddEarlier(70, -1);
        sequence.AddEarlier(80, -1);
        sequence.AddEarlier(71, 0);
        sequence.Parents[0] = EarlierNode.AsParent(2);
        sequence.Depths[0] = 2;
        sequence.KvSlots[0] = 72;
        PassMetadata sut = Make(partials: 0);

        sut.Build(batch);

        int path = sut.Data[PassMetadata.RowPath];
        Assert.Equal([70, 71, 72], sut.Data.Slice(path, 3).ToArray());
        Assert.Equal(7, sut.Data[PassMetadata.RowPosition]);
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(100, 1)]
    public void Build_LongContext_IsCutBySplitsWhereTheRoomSuffices(int partials, int works)
    {
        // One row at position 1000: splits 0 to 3.
        PassMetadata sut = Make(partials);

        sut.Build(Batch(1000, [-1]));

        AttentionList list = sut.List(0, onlyOutputs: false);
        Assert.Equal(partials == 0 ? 1 : 4, list.WorkCount);
        Assert.Equal(works, sut.Data[list.Work + 3]);
        Assert.Equal(partials == 0 ? 0 : 1, list.JoinCount);
        Assert.Equal(partials == 0 ? 0 : 4, list.Partials);
        AttentionList window = sut.List(300, onlyOutputs: false);
        Assert.Equal(partials == 0 ? 1 : 2, window.WorkCount);
    }

    [Fact]
    public void Build_ManySteps_AllocatesNothing()
    {
        ForwardBatch batch = Batch(700, [-1, 0, 1, 0, 3]);
        PassMetadata sut = Make(partials: 200);
        sut.Build(batch);
        sut.Build(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();

        for (int i = 0; i < 100; i++)
        {
            sut.Build(batch);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Build_OutputRows_AreListedInOrder()
    {
        ForwardBatch batch = Batch(0, [-1, 0, 1]);
        batch[0].FirstOutputRow = 2;
        Add(batch, 300, [-1, 0]);
        PassMetadata sut = Make(partials: 0);

        sut.Build(batch);

        Assert.Equal(3, sut.OutputCount);
        Assert.Equal([2, 3, 4], sut.Data.Slice(sut.OutputRows, 3).ToArray());
        AttentionList list = sut.List(0, onlyOutputs: true);
        Assert.Equal(3, list.Rows);
        Assert.Equal(2, sut.Data[list.Work]);
        Assert.Equal(0, sut.Data[list.Work + 4]);
        Assert.Equal(1, sut.Data[list.Work + AttentionKernels.WorkInts + 4]);
    }

    [Fact]
    public void List_WindowOfNoLayer_Throws() =>
        Assert.Contains("'5'", Assert.Throws<ArgumentException>(() => Make(partials: 0).List(5, onlyOutputs: false)).Message);

    private static PassMetadata Make(int partials) =>
        new(new PassShape { BlockTokens = 16, QueriesPerKvHead = 2, QueriesTogether = AttentionKernels.MostQueries, Windows = [0, 300], Partials = partials });

    private static int[] Column(int[] data, int rows, int place) => [.. Enumerable.Range(0, rows).Select(row => data[(row * Row) + place])];

    private static ForwardBatch Batch(int done, int[] parents)
    {
        ForwardBatch batch = new();
        Add(batch, done, parents);
        return batch;
    }

    // Slots from 50 on, tokens from 1000 on.
    private static void Add(ForwardBatch batch, int done, int[] parents)
    {
        ForwardSequence sequence = batch.Add(parents.Length);
        sequence.BaseLength = done;
        sequence.SetBlocks([9, 8, 7]);
        sequence.FirstOutputRow = 0;
        for (int row = 0; row < parents.Length; row++)
        {
            sequence.Tokens[row] = 1000 + row;
            sequence.Parents[row] = parents[row];
            sequence.Depths[row] = parents[row] < 0 ? 0 : sequence.Depths[parents[row]] + 1;
            sequence.KvSlots[row] = 50 + row;
        }
    }
}
