using FsCheck;
using FsCheck.Fluent;

namespace Winnow.Fetching.Tests;

public sealed class ChunkPlanTests
{
    private const long FileBytes = (37L * ChunkPlan.ChunkBytes) + 12345;

    [Fact]
    public void Cover_AnyRanges_HasEveryByteAndNoChunkWithoutOne() => Prop.ForAll(Ranges(), ranges =>
    {
        int[] chunks = ChunkPlan.Cover(ranges, FileBytes);
        bool holdsAll = ranges.All(range => range.Length == 0 || Enumerable.Range(0, ChunkPlan.Count(FileBytes))
            .Where(chunk => Overlaps(chunk, range)).All(chunks.Contains));
        bool holdsNoMore = chunks.All(chunk => ranges.Any(range => Overlaps(chunk, range)));
        return holdsAll && holdsNoMore && chunks.SequenceEqual(chunks.Distinct().Order());
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Runs_AnyChunks_AreTheChunksInOrderAndNeighbours() => Prop.ForAll(Ranges(), ranges =>
    {
        int[] chunks = ChunkPlan.Cover(ranges, FileBytes);
        List<(int First, int Count)> runs = ChunkPlan.Runs(chunks, 4);
        return runs.All(run => run.Count is >= 1 and <= 4) && runs.SelectMany(run => Enumerable.Range(run.First, run.Count)).SequenceEqual(chunks);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Bytes_AllChunks_AreTheFile() =>
        Assert.Equal(FileBytes, ChunkPlan.Bytes(Enumerable.Range(0, ChunkPlan.Count(FileBytes)), FileBytes));

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, -1)]
    [InlineData(0, FileBytes + 1)]
    [InlineData(FileBytes, 1)]
    [InlineData(long.MaxValue, 1)]
    public void Cover_RangeOutsideTheFile_Throws(long offset, long length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => ChunkPlan.Cover([(offset, length)], FileBytes));

    private static bool Overlaps(int chunk, (long Offset, long Length) range)
    {
        long first = (long)chunk * ChunkPlan.ChunkBytes;
        return range.Length > 0 && first < range.Offset + range.Length && range.Offset < first + ChunkPlan.Bytes(chunk, FileBytes);
    }

    private static Arbitrary<(long Offset, long Length)[]> Ranges()
    {
        Gen<(long Offset, long Length)> range =
            from offset in Gen.Choose(0, (int)FileBytes)
            from length in Gen.Choose(0, Math.Min((int)FileBytes - offset, 5 * ChunkPlan.ChunkBytes))
            select ((long)offset, (long)length);
        return range.ArrayOf().ToArbitrary();
    }
}
