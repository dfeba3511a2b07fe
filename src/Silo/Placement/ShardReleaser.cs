using Winnow.Contracts.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Frees what workers hold of a replica in vain, and forgets what went with their processes.</summary>
/// <remarks>
/// A release takes as long as its worker, and meanwhile the same shard may be wanted again. So a release has the epoch of before it was found vain, which a later load
/// fences, and what is wanted is looked up again before every release and after the last.
/// </remarks>
/// <param name="context">The replica.</param>
/// <param name="busy">What is being loaded or left.</param>
internal sealed class ShardReleaser(ReplicaContext context, Func<IEnumerable<HeldShard>> busy)
{
    private readonly Dictionary<HeldShard, Backoff> _failed = [];

    /// <summary>Frees what there is to free now; what could not be freed is tried again in a while.</summary>
    /// <returns>Whether there is less held since.</returns>
    public async Task<bool> ReleaseAsync()
    {
        long epoch = context.Store.Epoch;
        HeldShard[] vain = Vain();
        foreach (HeldShard gone in _failed.Keys.Except(vain).ToArray())
        {
            _failed.Remove(gone);
        }
        List<HeldShard> freed = [.. vain.Where(context.Workers.IsGone)];
        foreach (HeldShard shard in vain.Except(freed).ToArray())
        {
            if (context.Workers.CanFree(shard) && _failed.GetValueOrDefault(shard)?.IsDue != false && Vain().Contains(shard) && await FreeAsync(shard, epoch))
            {
                freed.Add(shard);
            }
        }
        if (freed.Count > 0)
        {
            await context.Store.WriteAsync(state => state.Held = [.. state.Held.Except(freed.Intersect(Vain()))]);
        }
        return freed.Count > 0;
    }

    private HeldShard[] Vain() => VainShards.Of(context.Store, context.Placer, busy());

    private async Task<bool> FreeAsync(HeldShard shard, long epoch)
    {
        bool isFreed = false;
        try
        {
            isFreed = await context.Placer.ReleaseAsync(shard, epoch);
        }
        catch (Exception exception)
        {
            ReplicaLog.NotFreed(context.Logger, context.Key, shard.WorkerId, exception.Message);
        }
        if (!isFreed)
        {
            _failed.TryAdd(shard, new Backoff(context.Time, context.Options.PlacementRetryMs));
            _failed[shard].Fail();
        }
        return isFreed;
    }
}
