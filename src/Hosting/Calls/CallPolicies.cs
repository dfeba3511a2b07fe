using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;
using Prometheus;

namespace Winnow.Hosting.Calls;

/// <summary>
/// Polly pipelines of the calls between the cluster's processes, all of them but those for model files: what keeps a connection up, and what guards calls to a silo. Never used around a
/// token or a step.
/// </summary>
public static class CallPolicies
{
    private const double FailureRatio = 0.5;
    private const int FailuresCounted = 4;
    private static readonly TimeSpan SamplingDuration = TimeSpan.FromSeconds(30);

    private static readonly Counter Retries = Metrics.CreateCounter(HostingMetricNames.CallRetries, "Calls between processes tried again.", "call");
    private static readonly Counter Timeouts = Metrics.CreateCounter(HostingMetricNames.CallTimeouts, "Calls between processes that were not answered in time.", "call");
    private static readonly Gauge BreakerOpen = Metrics.CreateGauge(HostingMetricNames.CallBreakerOpen, "1 while calls are refused at once, since those before were not answered.", "call");

    /// <summary>Tries until it succeeds or is cancelled, with growing, jittered delays.</summary>
    /// <param name="call">What is called, one of <see cref="CallNames"/>.</param>
    /// <param name="delays">How long to wait between attempts.</param>
    /// <param name="time">Clock.</param>
    /// <param name="isTransient">Which failures another attempt may mend; others end it.</param>
    /// <param name="failed">Told of every failed attempt that is repeated, numbered from 0; <see langword="null"/> for nobody.</param>
    public static ResiliencePipeline KeepTrying(string call, CallDelays delays, TimeProvider time, Func<Exception, bool> isTransient, Action<int, Exception>? failed = null)
    {
        Counter.Child retries = Retries.WithLabels(call);
        var builder = new ResiliencePipelineBuilder { TimeProvider = time };
        if (delays.Total is { } total)
        {
            builder.AddTimeout(TimeoutOf(call, total));
        }
        return builder.AddRetry(new RetryStrategyOptions
        {
            MaxRetryAttempts = int.MaxValue,
            Delay = delays.First,
            MaxDelay = delays.Longest,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } exception && isTransient(exception)),
            OnRetry = arguments =>
            {
                retries.Inc();
                failed?.Invoke(arguments.AttemptNumber, arguments.Outcome.Exception!);
                return ValueTask.CompletedTask;
            },
        }).Build();
    }

    /// <summary>
    /// Ends a call that is not answered in time, and refuses calls for a while when most of those before were lost, so that whoever asks hears at once that nobody answers. Refusals are
    /// <see cref="BrokenCircuitException"/> and time-outs <see cref="TimeoutRejectedException"/>.
    /// </summary>
    /// <param name="call">What is called, one of <see cref="CallNames"/>.</param>
    /// <param name="limit">Time of one call.</param>
    /// <param name="rest">How long calls are refused.</param>
    /// <param name="time">Clock.</param>
    /// <param name="isLost">Which failures say that nobody answers; time-outs always do.</param>
    public static ResiliencePipeline Guard(string call, TimeSpan limit, TimeSpan rest, TimeProvider time, Func<Exception, bool> isLost)
    {
        Gauge.Child open = BreakerOpen.WithLabels(call);
        ValueTask Show(double isOpen)
        {
            open.Set(isOpen);
            return ValueTask.CompletedTask;
        }
        open.Set(0);
        return new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = FailuresCounted,
                SamplingDuration = SamplingDuration,
                BreakDuration = rest,
                ShouldHandle = arguments => ValueTask.FromResult(arguments.Outcome.Exception is { } exception && (exception is TimeoutRejectedException || isLost(exception))),
                OnOpened = _ => Show(1),
                OnClosed = _ => Show(0),
            })
            .AddTimeout(TimeoutOf(call, limit))
            .Build();
    }

    private static TimeoutStrategyOptions TimeoutOf(string call, TimeSpan limit)
    {
        Counter.Child timeouts = Timeouts.WithLabels(call);
        return new TimeoutStrategyOptions
        {
            Timeout = limit,
            OnTimeout = _ =>
            {
                timeouts.Inc();
                return ValueTask.CompletedTask;
            },
        };
    }
}

/// <summary>How long to wait between attempts.</summary>
/// <param name="First">Before the second attempt; doubles from there, jittered.</param>
/// <param name="Longest">The longest of them.</param>
/// <param name="Total">All attempts together take no longer than this; <see langword="null"/> for no limit.</param>
public readonly record struct CallDelays(TimeSpan First, TimeSpan Longest, TimeSpan? Total = null);
