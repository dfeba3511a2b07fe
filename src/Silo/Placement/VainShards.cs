using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>What workers hold of a replica that nobody wants any more.</summary>
internal static class VainShards
{
    /// <summary>Shards and draft models to free: all that is held, but for what is placed, what is being loaded or left, and the draft model that is there.</summary>
    /// <param name="store">The replica's state.</param>
    /// <param name="placer">Names what is held.</param>
    /// <param name="busy">What is being loaded or left.</param>
    public static HeldShard[] Of(ReplicaStore store, ReplicaPlacer placer, IEnumerable<HeldShard> busy)
    {
        HashSet<HeldShard> wanted = [.. busy];
        if (store.Placement is { } placement)
        {
            wanted.UnionWith(ReplicaPlacer.HeldBy(placement));
        }
        if (store.State.Draft is { } draft)
        {
            // Without a placement too: the draft model may be there while shards still load, or load anew.
            wanted.Add(placer.DraftHeld(draft));
        }
        return [.. store.State.Held.Except(wanted)];
    }
}
