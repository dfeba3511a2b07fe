using Polly;
using Polly.CircuitBreaker;
using Polly.Timeout;
using Prometheus;
using Winnow.Hosting.Calls;

namespace Winnow.Hosting.Tests.Calls;

/// <summary>Calls between processes: repeated, limited, refused while nobody answers, and counted.</summary>
public sealed class CallPoliciesTests
{
    private static readonly CallDelays Delays = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(2));

    [Fact]
    public async Task KeepTrying_FailuresThatAnAttemptMends_AreRepeatedToldAndCounted()
    {
        List<int> told = [];
        ResiliencePipeline sut = CallPolicies.KeepTrying("test_retries", Delays, TimeProvider.System, exception => exception is IOException, (attempt, _) => told.Add(attempt));
        int calls = 0;

        await sut.ExecuteAsync(_ => ++calls < 4 ? throw new IOException("not yet") : ValueTask.CompletedTask);

        Assert.Equal([0, 1, 2], told);
        Assert.Contains("winnow_call_retries_total{call=\"test_retries\"} 3", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task KeepTrying_AnotherFailure_IsThrownAtOnce()
    {
        ResiliencePipeline sut = CallPolicies.KeepTrying("test_other", Delays, TimeProvider.System, exception => exception is IOException);
        int calls = 0;

        await Assert.ThrowsAsync<ArgumentException>(async () => await sut.ExecuteAsync(_ =>
        {
            calls++;
            throw new ArgumentException("never");
        }));

        Assert.Equal(1, calls);
    }

    [Fact]
    public async Task KeepTrying_WithATotal_EndsWhenItIsOver()
    {
        ResiliencePipeline sut = CallPolicies.KeepTrying("test_total", Delays with { Total = TimeSpan.FromMilliseconds(50) }, TimeProvider.System, _ => true);

        await Assert.ThrowsAsync<TimeoutRejectedException>(async () => await sut.ExecuteAsync(_ => throw new IOException("never")));

        Assert.Contains("winnow_call_timeouts_total{call=\"test_total\"} 1", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_CallsThatAreNotAnswered_AreRefusedAtOnceForAWhileAndShown()
    {
        ResiliencePipeline sut = CallPolicies.Guard("test_guard", TimeSpan.FromMilliseconds(20), TimeSpan.FromMinutes(1), TimeProvider.System, _ => false);
        for (int i = 0; i < 4; i++)
        {
            await Assert.ThrowsAsync<TimeoutRejectedException>(async () => await sut.ExecuteAsync(async token => await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token)));
        }
        int calls = 0;

        BrokenCircuitException refused = await Assert.ThrowsAsync<BrokenCircuitException>(async () => await sut.ExecuteAsync(_ =>
        {
            calls++;
            return ValueTask.CompletedTask;
        }));

        Assert.Equal(0, calls);
        Assert.InRange(refused.RetryAfter!.Value.TotalSeconds, 1, 60);
        Assert.Contains("winnow_call_breaker_open{call=\"test_guard\"} 1", await MetricsAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guard_FailuresOfWhoAnswered_DoNotCount()
    {
        ResiliencePipeline sut = CallPolicies.Guard("test_answers", TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(1), TimeProvider.System, exception => exception is IOException);

        for (int i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<ArgumentException>(async () => await sut.ExecuteAsync(_ => throw new ArgumentException("no")));
        }

        await sut.ExecuteAsync(_ => ValueTask.CompletedTask);
    }

    private static async Task<string> MetricsAsync()
    {
        using var text = new MemoryStream();
        await Metrics.DefaultRegistry.CollectAndExportAsTextAsync(text);
        return System.Text.Encoding.UTF8.GetString(text.ToArray());
    }
}
