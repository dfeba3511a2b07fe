using Winnow.Contracts.Grains;
using Winnow.Silo.Grains;

namespace Winnow.Silo.Placement;

/// <summary>Keeps a replica's draft model placed, beside the shards: nothing of them waits for it or is disturbed by it.</summary>
/// <param name="context">The replica.</param>
internal sealed class DraftKeeper(ReplicaContext context)
{
    private readonly Backoff _retry = new(context.Time, context.Options.PlacementRetryMs);
    private Task _operation = Task.CompletedTask;
    private HeldShard? _loading;
    private string? _refused;

    /// <summary>What is being loaded.</summary>
    public IEnumerable<HeldShard> Loading => _loading is null ? [] : [_loading];

    /// <summary>Whether nothing is being loaded.</summary>
    public bool IsIdle => _operation.IsCompleted;

    /// <summary>One line for people when a draft model is wanted and not there; otherwise empty.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>The workers or the definition are others: what failed may work now.</summary>
    public void Encourage() => _retry.Reset();

    /// <summary>Looks at the workers and starts what is needed.</summary>
    public async Task LookAsync(ModelDefinition definition, ReplicaPlacement placement)
    {
        ReplicaState state = context.Store.State;
        if (!_operation.IsCompleted)
        {
            return;
        }
        bool isOther = state.DraftFor is { } placed && Shape(placed) != Shape(definition);
        if (state.Draft is { } lost && (context.Workers.LossOf(lost) ?? context.Reports.DraftLoss) is { } loss)
        {
            ReplicaLog.NoDraft(context.Logger, context.Key, loss);
            await DropAsync();
        }
        else if (state.Draft is not null && definition.DraftPath is null)
        {
            await DropAsync();
        }
        bool leaves = state.Draft is { } draft && context.Workers.IsLeaving(draft);
        if (definition.DraftPath is null)
        {
            Detail = "";
        }
        else if (_retry.IsDue && (state.Draft is null || leaves || isOther))
        {
            Begin(definition, placement);
        }
    }

    /// <summary>Loads the draft model; a failure is told in <see cref="Detail"/>.</summary>
    public Task PlaceAsync(ModelDefinition definition, DraftPlan plan)
    {
        _operation = RunAsync(definition, plan);
        return _operation;
    }

    /// <summary>Forgets the draft model; its worker is asked to free it.</summary>
    public async Task DropAsync()
    {
        Detail = "";
        await context.Store.WriteAsync(state => (state.Draft, state.DraftFor, state.DraftClaims) = (null, null, []));
        await context.Directory.Claim(context.Placer.DraftReplica, []);
    }

    /// <summary>What of a definition its draft model depends on.</summary>
    private static ModelDefinition Shape(ModelDefinition definition) =>
        definition with { Shards = 1, KvBlocks = 0, HeadPath = null, ExitPath = null, Replicas = 1 };

    private void Begin(ModelDefinition definition, ReplicaPlacement placement)
    {
        if (context.Plans.PlanDraft(definition, placement, context.Workers, context.Placer.DraftReplica, out string reason) is not { } plan)
        {
            Detail = $"Without its draft model: {reason}";
            _retry.Fail();
            return;
        }
        _ = PlaceAsync(definition, plan);
    }

    private async Task RunAsync(ModelDefinition definition, DraftPlan plan)
    {
        long began = context.Time.GetTimestamp();
        try
        {
            _loading = context.Placer.TargetOf(plan);
            MemoryClaim claim = new() { WorkerId = plan.Worker.WorkerId, Replica = context.Placer.DraftReplica, Bytes = plan.Bytes };
            // One that is there keeps its memory until the new one is.
            if (!await context.Directory.Claim(context.Placer.DraftReplica, context.Store.State.DraftClaims.Prepend(claim).DistinctBy(c => c.WorkerId).ToArray()))
            {
                throw new PlacementException($"Another replica was quicker to claim the memory of worker '{claim.WorkerId}'.", isPermanent: false);
            }
            await context.Store.HoldAsync([_loading]);
            ModelDefinition model = definition.StopHeadPath is null || definition.StopHeadPath == _refused ? definition with { StopHeadPath = null } : definition;
            ShardPlacement placed = await context.Placer.PlaceDraftAsync(model, plan, context.Store.Epoch);
            await context.Store.WriteAsync(state => (state.Draft, state.DraftFor, state.DraftClaims) = (placed, definition, [claim]));
            await context.Directory.Claim(context.Placer.DraftReplica, [claim]);
            Detail = definition.StopHeadPath == model.StopHeadPath ? "" : "Without its stop head: the draft worker refused it.";
            _retry.Reset();
            ReplicaLog.DraftPlaced(context.Logger, context.Key, placed.WorkerId, context.Time.GetElapsedTime(began).TotalMilliseconds);
        }
        catch (Exception exception)
        {
            // Whatever it is, the model is served without drafts meanwhile.
            ReplicaLog.NoDraft(context.Logger, context.Key, exception.Message);
            bool triesWithout = exception is PlacementException { IsPermanent: true } && definition.StopHeadPath is not null && definition.StopHeadPath != _refused;
            _refused = triesWithout ? definition.StopHeadPath : _refused;
            Detail = $"Without its draft model: {exception.Message}";
            _retry.Fail();
            // Not waited for: should it fail, the next try claims anew.
            _ = context.Directory.Claim(context.Placer.DraftReplica, context.Store.State.DraftClaims.ToArray());
        }
        finally
        {
            _loading = null;
            context.Wake();
        }
    }
}
