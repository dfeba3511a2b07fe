using Polly;
using Polly.Retry;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>Polly pipelines for taking up connections; never used around a token or a step.</summary>
internal static class RetryPolicies
{
    /// <summary>Tries until it is cancelled, with growing, jittered delays.</summary>
    /// <param name="options">Delays.</param>
    /// <param name="time">Clock.</param>
    /// <param name="failed">Told of every failed attempt, numbered from 0.</param>
    public static ResiliencePipeline Forever(ReplicaOptions options, TimeProvider time, Action<int, Exception?> failed) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                MaxRetryAttempts = int.MaxValue,
                Delay = options.RetryDelay,
                MaxDelay = options.MaxRetryDelay,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                ShouldHandle = new PredicateBuilder().Handle<Exception>(),
                OnRetry = arguments =>
                {
                    failed(arguments.AttemptNumber, arguments.Outcome.Exception);
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
}
