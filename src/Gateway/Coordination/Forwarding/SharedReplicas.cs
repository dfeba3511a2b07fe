using System.Collections.Concurrent;

namespace Winnow.Gateway.Coordination.Forwarding;

/// <summary>The replicas of this gateway, by key, for requests of other gateways.</summary>
internal sealed class SharedReplicas
{
    private readonly ConcurrentDictionary<string, SharedReplica> _replicas = new(StringComparer.Ordinal);

    /// <summary>Adds a replica, in the place of an older one of that key.</summary>
    public void Add(SharedReplica replica) => _replicas[replica.Key] = replica;

    /// <summary>Takes a replica out, unless another one has its key by now.</summary>
    public void Remove(SharedReplica replica) => _replicas.TryRemove(KeyValuePair.Create(replica.Key, replica));

    /// <summary>Has the leases asked for now rather than in a while.</summary>
    public void AskNow()
    {
        foreach (SharedReplica replica in _replicas.Values)
        {
            replica.AskNow();
        }
    }

    /// <summary>The replica of that key, or <see langword="null"/>.</summary>
    public SharedReplica? Find(string key) => _replicas.GetValueOrDefault(key);
}
