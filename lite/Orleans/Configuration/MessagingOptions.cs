namespace Orleans.Configuration;

/// <summary>What calls made by this process obey.</summary>
public abstract class MessagingOptions
{
    /// <summary>How long a caller waits for an answer before <see cref="TimeoutException"/>. Default 30 seconds.</summary>
    public TimeSpan ResponseTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Largest call or answer in bytes on the network. Default 100 MiB.</summary>
    public int MaxMessageBodySize { get; set; } = 100 * 1024 * 1024;

    /// <summary>Whether a caller whose token is cancelled goes on waiting until the grain has answered. Default no.</summary>
    public bool WaitForCancellationAcknowledgement { get; set; }

    /// <summary>Whether a call that timed out is also cancelled at the grain. Default no.</summary>
    public bool CancelRequestOnTimeout { get; set; }
}
