namespace Orleans;

/// <summary>Decides whether a client that could not connect at its start tries again.</summary>
public interface IClientConnectionRetryFilter
{
    /// <summary>Waits as long as it sees fit and answers whether to try again.</summary>
    /// <param name="exception">Why the last attempt failed.</param>
    /// <param name="cancellationToken">Cancelled when the start is given up.</param>
    Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken);
}
