using System.Collections.Concurrent;
using Polly;
using Polly.CircuitBreaker;
using Polly.Hedging;
using Polly.Retry;
using Polly.Timeout;

namespace Winnow.Fetching;

/// <summary>
/// Polly pipelines of requests for models, all of them. From outside in: repeat with growing, jittered delays; ask another mirror when one fails or is slow;
/// leave a server alone that fails; and the time-outs of an answer's beginning and of each chunk.
/// </summary>
internal sealed class FetchPolicies
{
    private const double FailureRatio = 0.5;
    private const int FailuresCounted = 8;
    private static readonly TimeSpan SamplingDuration = TimeSpan.FromSeconds(30);
    private static readonly ResiliencePropertyKey<MirrorTurn> TurnKey = new("winnow.mirror");
    private readonly ConcurrentDictionary<string, ResiliencePipeline> _breakers = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, ResiliencePipeline<bool>> _overMirrors = new();
    private readonly ModelsOptions _options;
    private readonly TimeProvider _time;

    /// <summary>Builds the pipelines that need no server.</summary>
    public FetchPolicies(ModelsOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        Answer = Within(options.AnswerTimeout);
        Chunk = Within(TimeSpan.FromSeconds((double)ChunkPlan.ChunkBytes / options.MinBytesPerSecond));
    }

    /// <summary>Around the beginning of an answer.</summary>
    public ResiliencePipeline Answer { get; }

    /// <summary>Around the arrival of one chunk, which bounds the rate from below.</summary>
    public ResiliencePipeline Chunk { get; }

    /// <summary>Runs a request against one of several mirrors, and others when it fails or is slow, and all of that again while it fails.</summary>
    /// <param name="mirrors">How many there are.</param>
    /// <param name="attempt">The request; it is given the mirror to ask. The same request may run at two mirrors at once.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(int mirrors, Func<int, CancellationToken, Task> attempt, CancellationToken cancellation)
    {
        ResilienceContext context = ResilienceContextPool.Shared.Get(cancellation);
        context.Properties.Set(TurnKey, new MirrorTurn());
        try
        {
            await _overMirrors.GetOrAdd(mirrors, OverMirrors).ExecuteAsync(
                static async (context, state) =>
                {
                    int mirror = context.Properties.GetValue(TurnKey, null!).Next() % state.mirrors;
                    await state.attempt(mirror, context.CancellationToken);
                    return true;
                },
                context, (mirrors, attempt));
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    /// <summary>Around every request to a server.</summary>
    /// <param name="server">Its name and port.</param>
    public ResiliencePipeline Breaker(string server) => _breakers.GetOrAdd(server, BreakerOf);

    private ResiliencePipeline Within(TimeSpan limit) => new ResiliencePipelineBuilder { TimeProvider = _time }.AddTimeout(limit).Build();

    private ResiliencePipeline BreakerOf(string server)
    {
        FetchMetrics.BreakerOpen.WithLabels(server).Set(0);
        ValueTask Show(double isOpen)
        {
            FetchMetrics.BreakerOpen.WithLabels(server).Set(isOpen);
            return ValueTask.CompletedTask;
        }
        return new ResiliencePipelineBuilder { TimeProvider = _time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = FailureRatio,
                MinimumThroughput = FailuresCounted,
                SamplingDuration = SamplingDuration,
                BreakDuration = _options.BreakDuration,
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is ModelFetchException { IsTransient: true, BroughtSome: false }),
                OnOpened = _ => Show(1),
                OnClosed = _ => Show(0),
            })
            .Build();
    }

    private ResiliencePipeline<bool> OverMirrors(int mirrors)
    {
        var builder = new ResiliencePipelineBuilder<bool> { TimeProvider = _time };
        if (_options.MaxRetries > 0)
        {
            builder.AddRetry(Retry());
        }
        if (mirrors > 1)
        {
            builder.AddHedging(new HedgingStrategyOptions<bool>
            {
                MaxHedgedAttempts = Math.Min(mirrors - 1, 10),
                Delay = _options.HedgeDelay,
                // What one mirror refuses another may have.
                ShouldHandle = static arguments => ValueTask.FromResult(arguments.Outcome.Exception is IOException),
                OnHedging = static _ =>
                {
                    FetchMetrics.FetchHedges.Inc();
                    return ValueTask.CompletedTask;
                },
            });
        }
        return builder.Build();
    }

    private RetryStrategyOptions<bool> Retry() => new()
    {
        MaxRetryAttempts = _options.MaxRetries,
        Delay = _options.RetryDelay,
        MaxDelay = _options.MaxRetryDelay,
        BackoffType = DelayBackoffType.Exponential,
        UseJitter = true,
        ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome.Exception)),
        DelayGenerator = arguments => ValueTask.FromResult(
            arguments.Outcome.Exception is ModelFetchException { RetryAfter: { } wanted } ? (TimeSpan?)(wanted < _options.MaxRetryDelay ? wanted : _options.MaxRetryDelay) : null),
        OnRetry = static _ =>
        {
            FetchMetrics.FetchRetries.Inc();
            return ValueTask.CompletedTask;
        },
    };

    private static bool IsTransient(Exception? exception) => exception is ModelFetchException { IsTransient: true };

    private sealed class MirrorTurn
    {
        private int _taken = -1;

        public int Next() => Interlocked.Increment(ref _taken);
    }
}
