using Winnow.Inference.Cpu;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>When a worker that loses its processor rests, and that a pool does without it meanwhile.</summary>
public sealed class WorkerRestTests
{
    [Fact]
    public void BeginAfter_TwoLongWaitsFarApart_NoRest()
    {
        CountingTime time = new();
        WorkerRest sut = new();

        Assert.False(sut.BeginAfter(WorkerRest.LeastWait, time, time.GetTimestamp()));
        time.Advance(WorkerRest.Window);
        Assert.False(sut.BeginAfter(WorkerRest.LeastWait, time, time.GetTimestamp()));
    }

    [Fact]
    public void BeginAfter_ShortWaits_NoRest()
    {
        CountingTime time = new();
        WorkerRest sut = new();

        Assert.DoesNotContain(true, Enumerable.Range(0, 9).Select(_ => sut.BeginAfter(WorkerRest.LeastWait / 2, time, time.GetTimestamp())));
    }

    [Fact]
    public void BeginAfter_AgainSoonAfterEveryRest_RestsDoubleUpToTheLongestAndBeginAnewLater()
    {
        CountingTime time = new();
        WorkerRest sut = new();
        sut.BeginAfter(WorkerRest.LeastWait, time, time.GetTimestamp());

        TimeSpan[] rests = [.. Enumerable.Range(0, 5).Select(_ => RestOf(sut, time))];
        time.Advance(WorkerRest.Window);
        bool alone = sut.BeginAfter(WorkerRest.LeastWait, time, time.GetTimestamp());

        Assert.Equal([50, 100, 200, 400, 400], rests.Select(rest => rest.TotalMilliseconds));
        Assert.False(alone);
        Assert.Equal(WorkerRest.First, RestOf(sut, time));
    }

    [Fact]
    public void For_WorkerThatKeepsTheCallerWaitingTwice_RestsAndComesBack()
    {
        CountingTime time = new();
        using WorkerPool sut = new(2, time: time);
        StallingWork work = new(time);
        List<bool> helped = [Helps(sut, work), Helps(sut, work)];
        work.NeedsHelp = false;

        helped.Add(Helps(sut, work));
        time.Advance(WorkerRest.First - TimeSpan.FromMilliseconds(1));
        helped.Add(Helps(sut, work));
        time.Advance(TimeSpan.FromMilliseconds(1));
        work.NeedsHelp = true;
        helped.Add(Helps(sut, work));

        Assert.Equal([true, true, false, false, true], helped);
    }

    private static bool Helps(WorkerPool pool, StallingWork work)
    {
        work.Helped = false;
        pool.For(work, 2, 1);
        return work.Helped;
    }

    private static TimeSpan RestOf(WorkerRest rest, CountingTime time)
    {
        Assert.True(rest.BeginAfter(WorkerRest.LeastWait, time, time.GetTimestamp()));
        TimeSpan length = TimeSpan.Zero;
        for (TimeSpan step = TimeSpan.FromMilliseconds(1); !rest.IsOver(time.GetTimestamp()); length += step)
        {
            time.Advance(step);
        }
        return length;
    }

    /// <summary>Both threads take one of two items; the worker ends its own when the caller has looked at the clock, a millisecond later.</summary>
    private sealed class StallingWork(CountingTime time) : IRangeWork
    {
        private volatile bool _helped;

        public bool NeedsHelp { get; set; } = true;

        public bool Helped
        {
            get => _helped;
            set => _helped = value;
        }

        public void Run(int start, int end, int worker)
        {
            if (worker == 0)
            {
                SpinWait.SpinUntil(() => !NeedsHelp || Helped);
                return;
            }
            int reads = time.Reads;
            Helped = true;
            SpinWait.SpinUntil(() => time.Reads > reads);
            time.Advance(WorkerRest.LeastWait);
        }
    }

    private sealed class CountingTime : TimeProvider
    {
        private long _now;
        private int _reads;

        public int Reads => Volatile.Read(ref _reads);

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);

        public override long GetTimestamp()
        {
            Interlocked.Increment(ref _reads);
            return Volatile.Read(ref _now);
        }
    }
}
