using Winnow.Cli.Links;

namespace Winnow.Cli.Tests.Links;

/// <summary>When bytes arrive: pure arithmetic, in microseconds.</summary>
public sealed class LinkScheduleTests
{
    private const int Microseconds = 1_000_000;

    [Fact]
    public void TrySend_Delay_IsPipelined()
    {
        LinkSchedule sut = Sut(new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) });

        Assert.Equal([20_000L, 20_001L, 25_000L], new[] { 0L, 1L, 5_000L }.Select(now => Due(sut, now, 1000)));
    }

    [Fact]
    public void TrySend_Rate_ChunksFollowEachOtherOnTheWireAndTravelTogether()
    {
        // 8 Mbit/s: a byte takes a microsecond.
        LinkSchedule sut = Sut(new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), BitsPerSecond = 8_000_000 });

        Assert.Equal(21_000, Due(sut, 0, 1000));
        Assert.Equal(23_000, Due(sut, 500, 2000));
        Assert.Equal(30_010, Due(sut, 10_000, 10));
    }

    [Fact]
    public void TrySend_EndOfStream_TakesNoTimeOnTheWireAndArrivesLast()
    {
        LinkSchedule sut = Sut(new LinkOptions { Delay = TimeSpan.FromMilliseconds(1), BitsPerSecond = 8_000_000 });

        long last = Due(sut, 0, 5000);

        Assert.Equal(last, Due(sut, 0, 0));
    }

    [Fact]
    public void TrySend_Jitter_StaysInItsBoundsAndKeepsTheOrder()
    {
        var options = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(5) };
        LinkSchedule sut = Sut(options);

        long[] delays = [.. Enumerable.Range(0, 200).Select(i => Due(sut, i * 100_000L, 1) - (i * 100_000L))];
        LinkSchedule crowded = Sut(options);
        long[] dues = [.. Enumerable.Range(0, 200).Select(i => Due(crowded, i * 10L, 1))];

        Assert.All(delays, delay => Assert.InRange(delay, 15_000, 25_000));
        Assert.True(delays.Max() - delays.Min() > 8_000, $"Delays lie between {delays.Min()} and {delays.Max()}.");
        Assert.Equal(dues.Order(), dues);
    }

    [Fact]
    public void TrySend_EqualSeeds_GiveEqualTimes()
    {
        var options = new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), Jitter = TimeSpan.FromMilliseconds(5) };

        long[] first = [.. Times(Sut(options))];

        Assert.Equal(first, Times(Sut(options)));
        Assert.NotEqual(first, Times(Sut(options, seed: 2)));

        static IEnumerable<long> Times(LinkSchedule schedule) => Enumerable.Range(0, 20).Select(i => Due(schedule, i * 100_000L, 1)).ToArray();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(100_000)]
    public void TrySend_Loss_StrikesAfterTheSameBytesHoweverTheyAreCut(int chunk)
    {
        var options = new LinkOptions { Loss = 0.01 };
        double[] passed = [.. Enumerable.Range(0, 300).Select(seed => (double)BytesUntilLoss(Sut(options, seed), chunk))];

        // A geometric number of packets with mean (1 - p) / p, of which the chunk that is struck is not counted.
        Assert.InRange(passed.Average() + (chunk / 2.0), 0.8 * 99 * LinkSchedule.PacketBytes, 1.2 * 99 * LinkSchedule.PacketBytes);
    }

    [Fact]
    public void TrySend_CertainLoss_StrikesTheFirstByte() => Assert.False(Sut(new LinkOptions { Loss = 1 }).TrySend(0, 1, out _));

    [Fact]
    public void BufferBytes_OfALinkWithARate_HoldsTwiceWhatIsUnderWay()
    {
        Assert.Equal(500_000, new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), BitsPerSecond = 100_000_000 }.BufferBytes);
        Assert.Equal(256 * 1024, new LinkOptions { Delay = TimeSpan.FromMilliseconds(20), BitsPerSecond = 1000 }.BufferBytes);
        Assert.Equal(16 * 1024 * 1024, new LinkOptions { Delay = TimeSpan.FromMilliseconds(20) }.BufferBytes);
    }

    [Fact]
    public void ToString_OfEverything_SaysWhatItIs() => Assert.Equal("20 ms ± 2 ms, 100 Mbit/s, loss 0.01 %", new LinkOptions
    {
        Delay = TimeSpan.FromMilliseconds(20),
        Jitter = TimeSpan.FromMilliseconds(2),
        BitsPerSecond = 100_000_000,
        Loss = 0.0001,
    }.ToString());

    private static LinkSchedule Sut(LinkOptions options, int seed = 1) => new(options, Microseconds, new Random(seed));

    private static long Due(LinkSchedule sut, long now, int bytes)
    {
        Assert.True(sut.TrySend(now, bytes, out long due));
        return due;
    }

    private static long BytesUntilLoss(LinkSchedule sut, int chunk)
    {
        long bytes = 0;
        while (sut.TrySend(0, chunk, out _))
        {
            bytes += chunk;
        }
        return bytes;
    }
}
