using Orleans.Runtime;
using Orleans.Runtime.Messaging;

namespace Orleans;

/// <summary>The default: 15 more attempts, each after 1.5 seconds more than the last, while the silo can not be reached.</summary>
internal sealed class LinearBackoffConnectionRetryFilter(TimeProvider time) : IClientConnectionRetryFilter
{
    private const int MaxRetries = 15;
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1.5);
    private int _retries;

    /// <inheritdoc/>
    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        if (_retries >= MaxRetries || cancellationToken.IsCancellationRequested
            || exception is not (OrleansMessageRejectionException or ConnectionFailedException))
        {
            return false;
        }

        await Task.Delay(Step * ++_retries, time, cancellationToken);
        return true;
    }
}
