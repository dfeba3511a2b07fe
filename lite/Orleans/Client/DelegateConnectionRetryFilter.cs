namespace Orleans;

/// <summary>A retry filter made of a function.</summary>
internal sealed class DelegateConnectionRetryFilter(Func<Exception, CancellationToken, Task<bool>> filter) : IClientConnectionRetryFilter
{
    /// <inheritdoc/>
    public Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken) =>
        filter(exception, cancellationToken);
}
