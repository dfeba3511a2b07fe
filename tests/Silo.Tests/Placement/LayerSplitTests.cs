using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Placement;

/// <summary>The cut of a model into layer ranges is the best there is.</summary>
public sealed class LayerSplitTests
{
    [Fact]
    public void Cut_EqualLayers_IsEven()
    {
        IReadOnlyList<LayerRange>? cut = LayerSplit.Cut(8, 4, (_, range) => range.Count);

        Assert.Equal([new(0, 2), new(2, 4), new(4, 6), new(6, 8)], cut);
    }

    [Fact]
    public void Cut_HeavyHead_GivesTheLastShardFewerLayers()
    {
        IReadOnlyList<LayerRange>? cut = LayerSplit.Cut(6, 2, (_, range) => range.Count + (range.Last == 6 ? 2 : 0));

        Assert.Equal([new(0, 4), new(4, 6)], cut);
    }

    [Fact]
    public void Cut_RandomCosts_IsAsGoodAsTryingEveryCut()
    {
        Random random = new(5);
        for (int trial = 0; trial < 200; trial++)
        {
            int layers = random.Next(1, 9);
            int shards = random.Next(1, layers + 1);
            double[] weights = [.. Enumerable.Range(0, layers).Select(_ => (double)random.Next(1, 20))];
            double[] speeds = [.. Enumerable.Range(0, shards).Select(_ => (double)random.Next(1, 4))];
            double Cost(int shard, LayerRange range) => weights[range.First..range.Last].Sum() / speeds[shard];

            IReadOnlyList<LayerRange> cut = LayerSplit.Cut(layers, shards, Cost)!;

            Assert.Equal(0, cut[0].First);
            Assert.Equal(layers, cut[^1].Last);
            Assert.All(cut.Zip(cut.Skip(1)), pair => Assert.Equal(pair.First.Last, pair.Second.First));
            Assert.Equal(Best(0, 0, layers, shards, Cost), cut.Select((range, shard) => Cost(shard, range)).Max());
        }
    }

    [Fact]
    public void Cut_RangeThatDoesNotFit_IsAvoided()
    {
        IReadOnlyList<LayerRange>? cut = LayerSplit.Cut(4, 2, (shard, range) => shard == 0 && range.Count > 1 ? double.PositiveInfinity : range.Count);

        Assert.Equal([new(0, 1), new(1, 4)], cut);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(4, 2)]
    public void Cut_Impossible_IsNull(int layers, int shards) =>
        Assert.Null(LayerSplit.Cut(layers, shards, (_, range) => range.Count > 1 ? double.PositiveInfinity : 1));

    private static double Best(int shard, int first, int layers, int shards, Func<int, LayerRange, double> cost) => shard == shards - 1
        ? cost(shard, new LayerRange(first, layers))
        : Enumerable.Range(first + 1, layers - first - (shards - shard - 1))
            .Where(end => layers - end >= shards - shard - 1)
            .Min(end => Math.Max(cost(shard, new LayerRange(first, end)), Best(shard + 1, end, layers, shards, cost)));
}
