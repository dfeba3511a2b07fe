using System.Net;
using Winnow.Hosting;

namespace Winnow.Gateway;

/// <summary>Where the gateway listens, who may call it, and where the silo is; section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    /// <summary>Name of the configuration section.</summary>
    public const string Section = "Gateway";

    /// <summary>Silos at addresses that are given.</summary>
    internal const string StaticClustering = "static";

    /// <summary>The silo that is asked when none is given.</summary>
    internal static readonly IPEndPoint DefaultSiloGateway = new(IPAddress.Loopback, 30000);

    /// <summary>Address of the HTTP API; port 0 takes a free one. Default <c>http://127.0.0.1:8080</c>.</summary>
    public string Listen { get; set; } = "http://127.0.0.1:8080";

    /// <summary>
    /// gRPC address for other gateways, which forward requests of models that this one coordinates; port 0 takes a free one, empty takes none. Every gateway of a cluster with several needs
    /// one. Default empty.
    /// </summary>
    public string GrpcListen { get; set; } = "";

    /// <summary>Keys for inference that clients may send as <c>Authorization: Bearer KEY</c>, or <c>sha256:HEX</c>, their hashes; these or others are needed for any address but loopback. Default none.</summary>
    public IList<string> ApiKeys { get; } = [];

    /// <summary>The same for inference and <c>/admin</c>. Default none.</summary>
    public IList<string> AdminKeys { get; } = [];

    /// <summary>File of keys made by <c>winnow keys</c>, with scopes and limits; read again when it changes. Default none.</summary>
    public string KeysFile { get; set; } = "";

    /// <summary>Accepts clients without a key on any address. Default false.</summary>
    public bool Insecure { get; set; }

    /// <summary>Orleans gateway endpoints of the silos, <c>ADDRESS:PORT</c>. Default <c>127.0.0.1:30000</c> when none is given.</summary>
    public IList<string> SiloGateways { get; } = [];

    /// <summary>
    /// How silos are found: <c>static</c>, by <see cref="SiloGateways"/>; <c>postgresql</c>, by the database in which they find each other, which needs the full build.
    /// Default static.
    /// </summary>
    public string Clustering { get; set; } = StaticClustering;

    /// <summary>Connection string of that database; it holds a password and is never logged. Default none.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>File that holds the connection string instead, such as a mounted secret. Default none.</summary>
    public string ConnectionStringFile { get; set; } = "";

    /// <summary>Orleans cluster id; equal on silo and gateway. Default <c>winnow</c>.</summary>
    public string ClusterId { get; set; } = "winnow";

    /// <summary>Orleans service id; equal on silo and gateway. Default <c>winnow</c>.</summary>
    public string ServiceId { get; set; } = "winnow";

    /// <summary>
    /// Directory of models that other processes of the cluster fetch from here, as <c>gateway://NAME</c> (docs/models.md). Guarded by
    /// <c>Replica:ClusterToken</c>; without one it answers its own machine only. Default empty: none.
    /// </summary>
    public string ModelStore { get; set; } = "";

    /// <summary>Largest request body in bytes. Default 16 MiB, range 1 KiB to 1 GiB.</summary>
    public long MaxRequestBytes { get; set; } = 16 << 20;

    /// <summary>How often the model catalogue is read, in milliseconds. Default 500, range 50 to 60000.</summary>
    public int CatalogPollMs { get; set; } = 500;

    /// <summary>Seconds that running requests get to end when the gateway is told to stop; then streams end with the event `draining` and go on elsewhere. Default 45, range 0 to 600.</summary>
    public int DrainSeconds { get; set; } = 45;

    /// <summary>Seconds that a silo has to answer what a client or an operator waits for. Default 10, range 1 to 120.</summary>
    public int SiloCallSeconds { get; set; } = 10;

    /// <summary>Seconds for which silos are not asked for such things after most calls before were lost: the answer is 503 at once, with `Retry-After`. Default 2, range 1 to 60.</summary>
    public int SiloRestSeconds { get; set; } = 2;
}
