using System.Collections.Concurrent;
using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

public sealed class WorkerPoolTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, true)]
    [InlineData(5, false)]
    public void For_ManySmallPieces_DoesEveryItemOnce(int threads, bool pin)
    {
        using WorkerPool sut = new(threads, pin);
        CountingWork work = new(257);
        for (int round = 1; round <= 2000; round++)
        {
            int count = 1 + (round * 31 % 257);
            work.Clear();
            sut.For(work, count, 1 + (round % 3));
            Assert.Equal(count, work.Done(count));
        }
    }

    [Fact]
    public void For_PoolsWithMoreThreadsThanProcessors_DoEveryItemOnce()
    {
        int threads = (2 * Environment.ProcessorCount) + 1;
        Parallel.For(0, 3, pool =>
        {
            using WorkerPool sut = new(threads);
            CountingWork work = new(64);
            for (int round = 0; round < 100; round++)
            {
                // Long pieces now and then, so that threads park, and lose their processors with a piece in hand.
                work.Spins = round % 16 == pool ? 20_000 : 10;
                work.Clear();
                sut.For(work, 64, 1);
                Assert.Equal(64, work.Done(64));
            }
        });
    }

    [Theory]
    [InlineData(2, 1000, 1)]
    [InlineData(4, 1000, 8)]
    public void For_ManyItems_PiecesOfEveryShareShrinkToTheLeast(int threads, int count, int least)
    {
        using WorkerPool sut = new(threads);
        PieceWork work = new();
        sut.For(work, count, least);

        int share = count / threads;
        Assert.All(work.Pieces.GroupBy(piece => piece.Start / share), AssertShrinking);

        void AssertShrinking(IEnumerable<(int Start, int Length)> shared)
        {
            int[] pieces = [.. shared.OrderBy(piece => piece.Start).Select(piece => piece.Length)];
            Assert.Equal((share / 2, share), (pieces[0], pieces.Sum()));
            Assert.Equal(pieces.OrderDescending(), pieces);
            Assert.InRange(pieces[^1], 1, least);
            Assert.All(pieces[..^1], piece => Assert.True(piece >= least));
        }
    }

    [Fact]
    public void For_ItemThrows_RethrowsAndStaysUsable()
    {
        using WorkerPool sut = new(3);
        Assert.Throws<InvalidTimeZoneException>(() => sut.For(new ThrowingWork(), 100, 1));

        CountingWork work = new(100);
        sut.For(work, 100, 1);
        Assert.Equal(100, work.Done(100));
    }

    [Fact]
    public void For_OneThread_StaysOnTheCaller()
    {
        using WorkerPool sut = new(1);
        CallerWork work = new();
        sut.For(work, 1000, 1);

        Assert.Equal((Environment.CurrentManagedThreadId, 1), (work.Thread, work.Calls));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 8)]
    [InlineData(2, 13)]
    [InlineData(3, 1)]
    public void Find_MaskOfThree_CountsRound(int index, int expected) => Assert.Equal(expected, ThreadAffinity.Find([0b10, 0b10_0001], index));

    private sealed class CountingWork(int items) : IRangeWork
    {
        private readonly int[] _counts = new int[items];

        public int Spins { get; set; }

        public void Clear() => Array.Clear(_counts);

        public int Done(int count) => _counts.Take(count).Count(times => times == 1) + (_counts.Skip(count).Any(times => times != 0) ? -1 : 0);

        public void Run(int start, int end, int worker)
        {
            for (int i = start; i < end; i++)
            {
                Thread.SpinWait(Spins);
                Interlocked.Increment(ref _counts[i]);
            }
        }
    }

    private sealed class PieceWork : IRangeWork
    {
        public ConcurrentBag<(int Start, int Length)> Pieces { get; } = [];

        public void Run(int start, int end, int worker) => Pieces.Add((start, end - start));
    }

    private sealed class ThrowingWork : IRangeWork
    {
        public void Run(int start, int end, int worker) => throw new InvalidTimeZoneException();
    }

    private sealed class CallerWork : IRangeWork
    {
        public int Thread { get; private set; }

        public int Calls { get; private set; }

        public void Run(int start, int end, int worker)
        {
            Thread = Environment.CurrentManagedThreadId;
            Calls++;
        }
    }
}
