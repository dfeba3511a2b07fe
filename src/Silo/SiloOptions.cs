namespace Winnow.Silo;

/// <summary>Options of a silo process; section <c>Silo</c>.</summary>
public sealed class SiloOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Silo";

    /// <summary>gRPC address for workers, <c>https://</c> with TLS; port 0 takes a free one. Default <c>http://127.0.0.1:7010</c>.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:7010";

    /// <summary>Address of <c>/health</c> and <c>/metrics</c> (HTTP/1.1); port 0 takes a free one. Default <c>http://127.0.0.1:7011</c>.</summary>
    public string HttpListen { get; set; } = "http://127.0.0.1:7011";

    /// <summary>
    /// How silos find each other: <c>single</c>, there is one; <c>postgresql</c>, any number that share a database, which needs the full build. Default single.
    /// </summary>
    public string Clustering { get; set; } = SiloCluster.Single;

    /// <summary>
    /// Where state is kept: <c>file</c>, in the data directory; <c>postgresql</c>, in a database that several silos share, which needs the full build. Default file.
    /// </summary>
    public string Storage { get; set; } = SiloCluster.Files;

    /// <summary>Connection string of the database, for <c>postgresql</c>; it holds a password and is never logged. Default none.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>File that holds the connection string instead, such as a mounted secret. Default none.</summary>
    public string ConnectionStringFile { get; set; } = "";

    /// <summary>
    /// IP address of the Orleans ports: listened on, and told to other silos and to gateways. What goes there is neither encrypted nor authenticated, so that any but
    /// loopback belongs in a network of the cluster's own and needs <see cref="Insecure"/>. Default <c>127.0.0.1</c>.
    /// </summary>
    public string OrleansAddress { get; set; } = "127.0.0.1";

    /// <summary>Orleans port between silos. Default 11111, range 0 (a free one) to 65535.</summary>
    public int OrleansSiloPort { get; set; } = 11111;

    /// <summary>Orleans port for gateways. Default 30000, range 0 (a free one) to 65535.</summary>
    public int OrleansGatewayPort { get; set; } = 30000;

    /// <summary>Directory of durable state: models, epochs, sessions. One silo at a time uses it. Default <c>data/silo</c>.</summary>
    public string DataDirectory { get; set; } = "data/silo";

    /// <summary>Secret that every gRPC call must carry, and that calls to workers carry. Default none.</summary>
    public string? ClusterToken { get; set; }

    /// <summary>Allows plain gRPC and Orleans ports with other machines, and an HTTP address that they reach without a token. Default false.</summary>
    public bool Insecure { get; set; }

    /// <summary>Models to serve; those defined before are kept. Default none.</summary>
    public IList<ModelOptions> Models { get; set; } = [];

    /// <summary>
    /// How long a session can be resumed after its last checkpoint; then it is removed from storage. Longer costs space: about 1 KiB a request and 5 bytes a token.
    /// Default 10 minutes, range 1 s to 30 days.
    /// </summary>
    public TimeSpan SessionTimeToLive { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Milliseconds between a worker's beats. Shorter notices losses sooner and costs a small call each. Default 1000, range 50 to 60000.</summary>
    public int BeatIntervalMs { get; set; } = 1000;

    /// <summary>Milliseconds without a beat after which a worker is suspect. Default 2500, range 100 to 600000, more than the beat interval.</summary>
    public int SuspectAfterMs { get; set; } = 2500;

    /// <summary>
    /// Milliseconds without a beat after which a worker is dead and its shards are placed elsewhere. Shorter recovers sooner and moves shards for a hiccup.
    /// Default 5000, range 100 to 600000, more than <see cref="SuspectAfterMs"/>.
    /// </summary>
    public int DeadAfterMs { get; set; } = 5000;

    /// <summary>
    /// Time without a beat after which a dead worker is forgotten: its entry, its record, that it was drained, and what it held. Should it come back, it is a new one. Shorter keeps lists of workers
    /// with names of their own for every process short. Default 10 minutes, range 1 s to 30 days, more than <see cref="DeadAfterMs"/>.
    /// </summary>
    public TimeSpan ForgetWorkerAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Milliseconds that a coordinator's lease lasts unless renewed. Default 10000, range 500 to 600000.</summary>
    public int LeaseMs { get; set; } = 10000;

    /// <summary>
    /// Milliseconds to wait for a worker of its own for every shard and for a draft worker before several shards share one worker. Counts for a model's first
    /// placement only; after a loss, what is there is used at once. Default 15000, range 0 to 600000.
    /// </summary>
    public int PlacementGraceMs { get; set; } = 15000;

    /// <summary>
    /// Longest wait in milliseconds between two attempts to place a model; attempts start at half a second and double. Default 10000,
    /// range 500 to 600000.
    /// </summary>
    public int PlacementRetryMs { get; set; } = 10000;

    /// <summary>
    /// Percent by which a replica's slowest shard must get faster for the replica to move to workers that came; it serves on meanwhile, but every
    /// running sequence fills its keys and values in anew. Default 30, range 0 to 1000.
    /// </summary>
    public int RebalanceGainPercent { get; set; } = 30;

    /// <summary>Longest time in milliseconds that the running requests of a model that is unloaded get to end. Default 45000, range 0 to 600000.</summary>
    public int UnloadMs { get; set; } = 45000;
}
