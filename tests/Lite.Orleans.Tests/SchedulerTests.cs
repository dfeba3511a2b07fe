using Orleans.Runtime;

namespace Winnow.LiteTests;

public sealed class SchedulerTests
{
    private readonly ActivationScheduler _sut = new();

    [Fact]
    public async Task Run_ManyTurns_NeverTwoAtOnceAndInOrder()
    {
        int inside = 0;
        int most = 0;
        var order = new List<int>();
        var done = new TaskCompletionSource();
        for (int i = 0; i < 500; i++)
        {
            int turn = i;
            _sut.Run(() =>
            {
                most = Math.Max(most, Interlocked.Increment(ref inside));
                order.Add(turn);
                Interlocked.Decrement(ref inside);
                if (turn == 499)
                {
                    done.SetResult();
                }

                return Task.CompletedTask;
            });
        }

        await done.Task;

        Assert.Equal(1, most);
        Assert.Equal(Enumerable.Range(0, 500), order);
    }

    [Fact]
    public async Task Await_InATurn_ComesBackToTheScheduler()
    {
        var result = new TaskCompletionSource<bool>();
        _sut.Run(async () =>
        {
            await Task.Run(() => { });
            bool back = TaskScheduler.Current == _sut;
            await Task.Yield();
            result.SetResult(back && TaskScheduler.Current == _sut);
        });

        Assert.True(await result.Task);
    }

    [Fact]
    public async Task Run_FromACallerWithAsyncLocals_DoesNotSeeThem()
    {
        var local = new AsyncLocal<string?> { Value = "the caller's" };
        var seen = new TaskCompletionSource<string?>();

        _sut.Run(() =>
        {
            seen.SetResult(local.Value);
            return Task.CompletedTask;
        });

        Assert.Null(await seen.Task);
    }
}
