using Winnow.Hosting.Calls;

namespace Winnow.Gateway.Coordination.Remote;

/// <summary>How a gateway takes over replicas that run in worker processes.</summary>
public sealed class ReplicaOptions
{
    /// <summary>Configuration section.</summary>
    public const string Section = "Replica";

    /// <summary>Name of this gateway as a lease holder, different for every process. Default: a new one at every start.</summary>
    public string GatewayId { get; set; } = "";

    /// <summary>Address under which other gateways reach this one; empty for that of `Gateway:GrpcListen`, or when they do not. Default empty.</summary>
    public string GatewayAddress { get; set; } = "";

    /// <summary>Name of the socket on which this process listens, once it does; not an option.</summary>
    internal string Socket { get; set; } = "";

    /// <summary>Secret that workers and silo ask for; empty when they ask for none. Default empty.</summary>
    public string ClusterToken { get; set; } = "";

    /// <summary>First delay before a failed attempt to reach a replica or a drafter is repeated; it doubles from there. Default 0.2 s, 1 ms to 1 minute.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest delay between attempts. At least <see cref="RetryDelay"/>. Default 5 s, 1 ms to 10 minutes.</summary>
    public TimeSpan MaxRetryDelay { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long one attempt may take. Default 10 s, 10 ms to 10 minutes.</summary>
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Longest time between two renewals of the lease; a third of the lease's own time when that is shorter. Default 3 s, 10 ms to 1 minute.</summary>
    public TimeSpan RenewInterval { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>How often a gateway that does not coordinate a model asks whether it may; when it finds the coordinating one gone, it asks at once. Default 1 s, 10 ms to 4 s: who has not asked for 5 s is not given the lease of a gateway that leaves.</summary>
    public TimeSpan StandbyInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a draft worker may answer nothing before its stream is opened again, and as long again for every 1,024 tokens of prompt that it was told of. Default 5 s, 10 ms to 10 minutes.</summary>
    public TimeSpan DraftStallTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How attempts follow each other.</summary>
    internal CallDelays Delays => new(RetryDelay, MaxRetryDelay);
}
