using System.Globalization;
using Orleans;
using Orleans.Concurrency;

namespace Winnow.Contracts.Grains;

/// <summary>
/// Placement, fencing epoch and coordinator lease of one running copy of a model. Key: <see cref="ReplicaKeys.Of"/>.
/// Called by the model's grain and by gateways. Not reentrant but for <see cref="WaitForPlacement"/> and <see cref="HolderLost"/>.
/// Survives a restart: the definition, the last epoch, the placement and who coordinates it; workers that still hold it go on.
/// </summary>
public interface IReplicaGrain : IGrainWithStringKey
{
    /// <summary>Sets what is to be served and starts placing it.</summary>
    Task Define(ModelDefinition definition);

    /// <summary>Phase, detail, placement and coordinator.</summary>
    Task<ReplicaStatus> GetStatus();

    /// <summary>A worker came, changed or went; re-evaluates the placement.</summary>
    Task WorkersChanged();

    /// <summary>Acquires or renews the right to coordinate the replica. The epoch grows when the holder or the placement changes.</summary>
    /// <param name="gatewayId">Who asks: another id for every process.</param>
    /// <param name="gatewayAddress">Where other gateways reach it; empty when they do not.</param>
    /// <param name="socket">
    /// Name of a socket on which it listens, which no two living processes have; empty when it is not known. Who listens where the holder listened has taken the place of
    /// that process, and gets the lease at once.
    /// </param>
    Task<CoordinatorLease> AcquireLease(string gatewayId, string gatewayAddress, string socket = "");

    /// <summary>Who has the lease, without asking for it.</summary>
    Task<CoordinatorLease> GetLease();

    /// <summary>
    /// Gives the lease on to a gateway with an address that asked for it in vain a short while ago. Nobody gets it when there is none, or when <paramref name="gatewayId"/> does not hold it.
    /// <paramref name="gatewayId"/> itself is not given it by others until it asks again.
    /// </summary>
    /// <returns>The lease as it is now.</returns>
    Task<CoordinatorLease> HandOver(string gatewayId);

    /// <summary>A gateway could not reach the holder: when the silo finds nobody at the holder's address either, the lease is free.</summary>
    [AlwaysInterleave]
    Task HolderLost(string gatewayId, long epoch);

    /// <summary>Gives the lease back; does nothing when <paramref name="gatewayId"/> does not hold it.</summary>
    Task ReleaseLease(string gatewayId);

    /// <summary>Streams of this epoch broke: its workers are looked at now rather than at their next missed beat.</summary>
    Task ReportBroken(long epoch);

    /// <summary>Waits until the replica is placed under another epoch than this one, at most some seconds.</summary>
    [AlwaysInterleave]
    Task WaitForPlacement(long otherThanEpoch);

    /// <summary>Stops serving; <see langword="true"/> once nothing of it is left on workers that live. To be called until then.</summary>
    /// <param name="finish">Whether the coordinator may end its running requests first.</param>
    Task<bool> Retire(bool finish);
}

/// <summary>Keys of <see cref="IReplicaGrain"/>.</summary>
public static class ReplicaKeys
{
    /// <summary>The key of a model's replica, <c>model/0</c>.</summary>
    /// <param name="model">Model name.</param>
    /// <param name="replica">Number of the replica, 0 first.</param>
    public static string Of(string model, int replica) => string.Create(CultureInfo.InvariantCulture, $"{model}/{replica}");
}
