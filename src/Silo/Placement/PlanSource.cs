using Winnow.Contracts.Grains;
using Winnow.Fetching;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Silo.Placement;

/// <summary>Plans for definitions: measures the files they name and asks <see cref="PlacementPlanner"/>.</summary>
/// <param name="files">Sizes of files.</param>
/// <remarks>A head or early exit that cannot be used is left out with a note; a draft model that cannot be used leaves a plan without one.</remarks>
internal sealed class PlanSource(ModelFiles files)
{
    /// <summary>Begins to read what a definition names on servers; until that is done its plans say that they wait for it.</summary>
    public void Prepare(ModelDefinition model) => _ = files.PrepareAsync(model);

    /// <summary>Plans a replica.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="own">The replica, whose own claims count as free memory; empty when they do not.</param>
    /// <param name="latitude">What the plan may make do with.</param>
    public PlanOutcome Plan(ModelDefinition model, IReadOnlyList<WorkerRecord> workers, string own, PlanLatitude latitude)
    {
        try
        {
            Parts parts = Measure(model);
            PlanOutcome outcome = PlacementPlanner.Plan(
                parts.Model, parts.Target, parts.Draft, parts.Head, parts.Exit, workers, latitude with { SkipDraft = latitude.SkipDraft || parts.Draft is null }, own);
            return outcome.Plan is { } plan ? PlanOutcome.Of(plan with { Notes = [.. parts.Notes, .. plan.Notes] }) : outcome;
        }
        catch (Exception exception) when (exception is ModelFetchException or ModelNotReadException)
        {
            return PlanOutcome.Wait(exception.Message);
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            return PlanOutcome.Never(exception.Message);
        }
    }

    /// <summary>A plan that keeps the layers of a placement and replaces the workers that are gone; <see langword="null"/> when there is none.</summary>
    public PlacementPlan? Repair(ReplicaPlacement before, IReadOnlyList<WorkerRecord> workers, string own, IReadOnlyList<string> notes)
    {
        try
        {
            Parts parts = Measure(before.Model);
            return parts.Notes.Count > 0 ? null : PlacementPlanner.Repair(before, parts.Target, parts.Head, parts.Exit, workers, own) is { } plan
                ? plan with { Notes = notes }
                : null;
        }
        catch (Exception exception) when (IsBadFile(exception) || exception is ModelNotReadException)
        {
            return null;
        }
    }

    /// <summary>Plans the draft model of a placement.</summary>
    /// <param name="model">What is wanted.</param>
    /// <param name="placement">Where the shards are.</param>
    /// <param name="workers">Workers that may be used.</param>
    /// <param name="own">The draft model's claim, which counts as free memory.</param>
    /// <param name="reason">Why there is no plan.</param>
    public DraftPlan? PlanDraft(ModelDefinition model, ReplicaPlacement placement, WorkerView workers, string own, out string reason)
    {
        reason = "no draft worker with room for it is there.";
        try
        {
            ModelFootprint draft = files.Measure(model.DraftPath!);
            IReadOnlyList<PlanWorker> usable = PlanWorker.Of(workers.Usable, own);
            PlanSizes sizes = PlanSizes.Of(placement.Model, files.Measure(placement.Model.ModelPath));
            return DraftPlanner.Plan(model, draft, sizes, usable, Pipeline(placement, workers, own), needs: null);
        }
        catch (Exception exception) when (IsBadFile(exception) || exception is ModelNotReadException)
        {
            reason = exception.Message;
            return null;
        }
    }

    /// <summary>Seconds that the slowest worker of a placement needs for a token, or <see langword="null"/> when that cannot be told.</summary>
    public double? SlowestSeconds(ReplicaPlacement placement, WorkerView workers, string own)
    {
        try
        {
            Parts parts = Measure(placement.Model);
            List<(PlanWorker Worker, LayerRange Layers)> pipeline = Pipeline(placement, workers, own);
            ShardNeeds needs = new(parts.Target, parts.Head, parts.Exit, placement.Model.KvBlockTokens, placement.ScratchTokens);
            return pipeline.Count < placement.Shards.Count ? null : PlacementPlanner.SlowestSeconds(needs, pipeline);
        }
        catch (Exception exception) when (IsBadFile(exception) || exception is ModelNotReadException)
        {
            return null;
        }
    }

    private static List<(PlanWorker Worker, LayerRange Layers)> Pipeline(ReplicaPlacement placement, WorkerView workers, string own)
    {
        Dictionary<string, PlanWorker> seen = PlanWorker.Of([.. workers.All], own).ToDictionary(w => w.Record.WorkerId, StringComparer.Ordinal);
        return [.. placement.Shards.Where(s => seen.ContainsKey(s.WorkerId)).Select(s => (seen[s.WorkerId], new LayerRange(s.FirstLayer, s.LastLayer)))];
    }

    private Parts Measure(ModelDefinition model)
    {
        ModelFootprint target = files.Measure(model.ModelPath);
        List<string> notes = [];
        HeadConfiguration? head = Optional("head", model.HeadPath, path => files.MeasureHead(path, model.ModelPath), notes);
        ExitModel? exit = Optional("early exit", model.ExitPath, path => files.MeasureExit(path, model.ModelPath), notes);
        // What is wrong with the draft model is told by whoever places it.
        ModelFootprint? draft = Optional("draft model", model.DraftPath, files.Measure, []);
        ModelDefinition usable = model with { HeadPath = head is null ? null : model.HeadPath, ExitPath = exit is null ? null : model.ExitPath };
        return new Parts(usable, target, draft, head, exit, notes);
    }

    private static T? Optional<T>(string what, string? path, Func<string, T> measure, List<string> notes)
        where T : class
    {
        if (path is null)
        {
            return null;
        }
        try
        {
            return measure(path);
        }
        catch (Exception exception) when (IsBadFile(exception))
        {
            notes.Add($"Without its {what}: {exception.Message}");
            return null;
        }
    }

    private static bool IsBadFile(Exception exception) => exception is ModelFileException or IOException or UnauthorizedAccessException;

    private sealed record Parts(
        ModelDefinition Model, ModelFootprint Target, ModelFootprint? Draft, HeadConfiguration? Head, ExitModel? Exit, IReadOnlyList<string> Notes);
}
