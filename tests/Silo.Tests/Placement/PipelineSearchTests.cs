using FsCheck;
using FsCheck.Fluent;
using Winnow.Silo.Placement;

namespace Winnow.Silo.Tests.Placement;

/// <summary>The pipeline found is as good as the best of all that there are.</summary>
public sealed class PipelineSearchTests
{
    [Fact]
    public void Find_AnyCase_IsAsGoodAsTryingEveryOrderAndCut() => Prop.ForAll(Cases(), world =>
    {
        IReadOnlyList<(int Worker, LayerRange Layers)>? found = world.Search().Find();

        double best = world.Pipelines().Select(world.Slowest).DefaultIfEmpty(double.PositiveInfinity).Min();
        if (found is null)
        {
            return double.IsPositiveInfinity(best);
        }
        double shortest = world.Pipelines().Where(pipeline => world.Slowest(pipeline) <= best * PipelineSearch.Slack).Min(world.Way);
        return IsWhole(world, found) && world.Slowest(found) <= best * PipelineSearch.Slack && world.Way(found) <= shortest;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Find_MiddleWorkerHasRoomForTheSmallLayerOnly_EndsBeforeItThoughMoreWouldFit()
    {
        int[] bytes = [2, 1, 9, 5];
        int[] memories = [3, 1, 14];

        var found = new PipelineSearch(4, 3, 3, (worker, range) => bytes[range.First..range.Last].Sum() is int sum && sum > memories[worker] ? double.PositiveInfinity : sum, (_, _) => 0).Find();

        Assert.Equal([(0, new LayerRange(0, 1)), (1, new LayerRange(1, 2)), (2, new LayerRange(2, 4))], found!);
    }

    [Fact]
    public void Find_OneWorkerTwiceAsFast_HasTwiceTheLayers()
    {
        double[] speeds = [1, 2];

        var found = new PipelineSearch(9, 2, 2, (worker, range) => range.Count / speeds[worker], (_, _) => 0).Find();

        Assert.Equal([(0, new LayerRange(0, 3)), (1, new LayerRange(3, 9))], found!);
    }

    [Fact]
    public void Find_EqualWorkers_TakesTheFirstInTheirOrder()
    {
        var found = new PipelineSearch(6, 2, 4, (_, range) => range.Count, (_, _) => 0).Find();

        Assert.Equal([(0, new LayerRange(0, 3)), (1, new LayerRange(3, 6))], found!);
    }

    [Fact]
    public void Find_TwelveWorkersAndManyLayers_IsDoneInTime()
    {
        double[] speeds = [.. Enumerable.Range(0, PipelineSearch.MostWorkers).Select(i => 1 + (i % 5 * 0.3))];

        var found = new PipelineSearch(96, 6, speeds.Length, (worker, range) => range.Count / speeds[worker], (a, b) => Math.Abs(a - b)).Find();

        Assert.Equal((0, 96), (found![0].Layers.First, found[^1].Layers.Last));
    }

    private static bool IsWhole(World world, IReadOnlyList<(int Worker, LayerRange Layers)> found) =>
        found.Count == world.Shards && found[0].Layers.First == 0 && found[^1].Layers.Last == world.Layers
        && found.Zip(found.Skip(1)).All(pair => pair.First.Layers.Last == pair.Second.Layers.First)
        && found.All(shard => shard.Layers.Count > 0) && found.Select(shard => shard.Worker).Distinct().Count() == found.Count;

    private static Arbitrary<World> Cases() =>
        (from layers in Gen.Choose(1, 6)
         from workers in Gen.Choose(1, 4)
         from shards in Gen.Choose(1, Math.Min(layers, workers))
         from bytes in Gen.Choose(1, 9).ArrayOf(layers)
         from speeds in Gen.Choose(1, 4).ArrayOf(workers)
         from memories in Gen.Choose(4, 40).ArrayOf(workers)
         from hops in Gen.Choose(0, 3).ArrayOf(workers * workers)
         from head in Gen.Choose(0, 6)
         select new World(layers, workers, shards, bytes, speeds, memories, hops, head)).ToArbitrary();

    /// <summary>A small cluster and model.</summary>
    private sealed record World(int Layers, int Workers, int Shards, int[] Bytes, int[] Speeds, int[] Memories, int[] Hops, int Head)
    {
        public PipelineSearch Search() => new(Layers, Shards, Workers, Cost, (a, b) => Hops[(a * Workers) + b]);

        public double Slowest(IReadOnlyList<(int Worker, LayerRange Layers)> pipeline) => pipeline.Max(shard => Cost(shard.Worker, shard.Layers));

        public double Way(IReadOnlyList<(int Worker, LayerRange Layers)> pipeline) =>
            pipeline.Zip(pipeline.Skip(1)).Sum(pair => Hops[(pair.First.Worker * Workers) + pair.Second.Worker]);

        public IEnumerable<IReadOnlyList<(int Worker, LayerRange Layers)>> Pipelines() => From([], 0);

        private double Cost(int worker, LayerRange range)
        {
            int bytes = Bytes[range.First..range.Last].Sum() + (range.Last == Layers ? Head : 0);
            return bytes > Memories[worker] ? double.PositiveInfinity : (double)bytes / Speeds[worker];
        }

        private IEnumerable<IReadOnlyList<(int Worker, LayerRange Layers)>> From((int Worker, LayerRange Layers)[] begun, int first)
        {
            if (begun.Length == Shards)
            {
                return first == Layers ? [begun] : [];
            }
            return Enumerable.Range(0, Workers).Where(worker => begun.All(shard => shard.Worker != worker)).SelectMany(worker =>
                Enumerable.Range(first + 1, Layers - first).SelectMany(last => From([.. begun, (worker, new LayerRange(first, last))], last)));
        }
    }
}
