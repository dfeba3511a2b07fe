namespace Winnow.Fetching;

/// <summary>How models that are given by a URL are fetched and kept; section <c>Models</c> of silo, workers and gateways.</summary>
public sealed class ModelsOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Models";

    /// <summary>
    /// Directory that keeps what has been fetched; processes of one machine may share it. Default empty: <c>winnow/models</c> in the user's cache directory.
    /// </summary>
    public string CacheDirectory { get; set; } = "";

    /// <summary>
    /// Bytes that the cache may take; what was not used for longest is removed first, never a file in use. A fetch that would exceed it, with what others are bringing, is refused.
    /// Default 0: nine tenths of what the disk has free, and what the cache has already. Range 0 to 2^60.
    /// </summary>
    public long CacheBytes { get; set; }

    /// <summary>
    /// Addresses of gateways whose <c>Gateway:ModelStore</c> holds the models named <c>gateway://NAME</c>, tried in turn. They, and nobody else, are sent
    /// the cluster token. Default none.
    /// </summary>
    public IList<string> StoreAddresses { get; } = [];

    /// <summary>
    /// Secret sent as <c>Authorization: Bearer …</c> to the servers that model URLs name, over <c>https</c> or to this machine; not to where those redirect.
    /// Better given as <c>WINNOW_Models__BearerToken</c>. Default none.
    /// </summary>
    public string? BearerToken { get; set; }

    /// <summary>Requests at once for one file. More are faster where the way to the server is long. Default 4, range 1 to 64.</summary>
    public int Connections { get; set; } = 4;

    /// <summary>
    /// How often a request that failed is tried again while it brings nothing; whatever brought something starts the count anew. Default 5, range 0 to 100.
    /// </summary>
    public int MaxRetries { get; set; } = 5;

    /// <summary>First delay before a failed request is repeated; it doubles from there, with jitter. Default 0.2 s, 1 ms to 1 minute.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest delay between attempts, a server's <c>Retry-After</c> included. At least <see cref="RetryDelay"/>. Default 5 s, 1 ms to 10 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a server may take to begin its answer. Default 15 s, 10 ms to 10 minutes.</summary>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Slowest rate of a transfer; a slower one is broken off and tried again. Default 65536, range 1024 to 2^30.</summary>
    public int MinBytesPerSecond { get; set; } = 65536;

    /// <summary>
    /// How long a request to one of several mirrors may take before the next one is asked too; the first to have it all wins. Default 3 s, 10 ms to 10 minutes.
    /// </summary>
    public TimeSpan HedgeDelay { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a server that failed at least half of eight or more requests within 30 s is left alone. Default 5 s, 500 ms to 10 minutes.</summary>
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Redirections followed for one request; never from <c>https</c> to <c>http</c>. Default 5, range 0 to 20.</summary>
    public int MaxRedirects { get; set; } = 5;
}
