using Winnow.Contracts.Grains;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>Another gateway that coordinates a replica.</summary>
/// <param name="GatewayId">Its id.</param>
/// <param name="Address">Its gRPC address; empty when it takes no requests of others.</param>
/// <param name="Epoch">Epoch of the replica.</param>
/// <param name="Placement">Where the replica is, once it is placed.</param>
internal sealed record ReplicaHolder(string GatewayId, string Address, long Epoch, ReplicaPlacement? Placement)
{
    /// <summary>It takes requests of others.</summary>
    public bool IsReachable => Address.Length > 0;
}

/// <summary>Who coordinates a replica, as far as this gateway knows.</summary>
/// <param name="Holder">Another gateway, or <see langword="null"/> for this one, or for nobody.</param>
/// <param name="Changed">Cancelled when another gateway takes its place, or this one.</param>
internal sealed record ReplicaRoute(ReplicaHolder? Holder, CancellationToken Changed);
