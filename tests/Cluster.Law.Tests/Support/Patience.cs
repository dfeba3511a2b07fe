namespace Winnow.Cluster.Law.Tests.Support;

/// <summary>Waits for what other processes do, and says what was awaited when it does not come.</summary>
internal static class Patience
{
    /// <summary>Enough for a machine that does many other things; a test that needs as much has failed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(25);

    /// <summary>Asks until the answer is the awaited one.</summary>
    public static async Task<T> UntilAsync<T>(string what, Func<Task<T>> ask, Func<T, bool> isAwaited)
    {
        using var limit = new CancellationTokenSource(Limit);
        using var timer = new PeriodicTimer(Interval);
        T last = await ask();
        while (!isAwaited(last))
        {
            Assert.False(limit.IsCancellationRequested, $"Waited {Limit.TotalSeconds:0} s for {what}; the last answer was '{last}'.");
            await timer.WaitForNextTickAsync(CancellationToken.None);
            last = await ask();
        }
        return last;
    }

    /// <summary>Waits for a task.</summary>
    public static async Task<T> OnAsync<T>(string what, Task<T> task)
    {
        try
        {
            return await task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"Waited {Limit.TotalSeconds:0} s for {what}.");
        }
    }
}
