using System.Collections.Concurrent;
using System.Diagnostics;
using Winnow.Cli.Links;
using Winnow.Cli.Tests.Support;

namespace Winnow.Cli.Tests.Links;

/// <summary>Timers that fire when they should.</summary>
public sealed class PreciseTimeTests : IDisposable
{
    private readonly PreciseTime _sut = new();

    public void Dispose() => _sut.Dispose();

    [Fact]
    public async Task CreateTimer_DueTimes_FireInOrderAndNotEarly()
    {
        var fired = new BlockingCollection<(int Due, double At)>();
        long began = Stopwatch.GetTimestamp();
        foreach (int due in new[] { 220, 20, 120 })
        {
            Start(due, () => fired.Add((due, Stopwatch.GetElapsedTime(began).TotalMilliseconds)));
        }

        using CancellationTokenSource limit = new(Tool.Limit);
        (int Due, double At)[] all = await Task.Run(() => Enumerable.Range(0, 3).Select(_ => fired.Take(limit.Token)).ToArray());

        Assert.Equal([20, 120, 220], all.Select(timer => timer.Due));
        Assert.All(all, timer => Assert.True(timer.At >= timer.Due - 0.6, $"The timer of {timer.Due} ms fired after {timer.At} ms."));
    }

    [Fact]
    public async Task Dispose_BeforeItIsDue_KeepsTheTimerFromFiring()
    {
        bool fired = false;
        var later = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        ITimer ended = Start(300, () => fired = true);
        Start(320, later.SetResult);

        ended.Dispose();
        await later.Task.WaitAsync(Tool.Limit);

        Assert.False(fired);
    }

    [Fact]
    public void CreateTimer_Periodic_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => _sut.CreateTimer(_ => { }, null, TimeSpan.Zero, TimeSpan.FromSeconds(1)));

    private ITimer Start(int dueMs, Action fire) => _sut.CreateTimer(_ => fire(), null, TimeSpan.FromMilliseconds(dueMs), Timeout.InfiniteTimeSpan);
}
