using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Drafting.Heads;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Planning;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow plan</c>: what fits a device's memory, and why it is not more.</summary>
internal static class PlanCommand
{
    private static readonly Dictionary<string, double> Sizes = new()
    {
        ["B"] = 1,
        ["KiB"] = 1L << 10,
        ["MiB"] = 1L << 20,
        ["GiB"] = 1L << 30,
        ["TiB"] = 1L << 40,
        ["KB"] = 1e3,
        ["MB"] = 1e6,
        ["GB"] = 1e9,
        ["TB"] = 1e12,
    };

    public static Command Create()
    {
        var models = new ModelOptions();
        Option<double?> memory = CommandOptions.Quantity("--memory", "The budget for weights, KV pages, scratch and draft cache, such as 8GiB; of devices that share every layer, of all together. Default: that of a worker on --device.", Sizes, 1L << 60, "8GiB");
        var named = new Option<string?>("--device") { Description = "The worker's device, or devices that share every layer, such as cuda:0+cuda:1: says whether they can, and counts what each has whole." };
        Option<int?> context = CommandOptions.Integer("--context", "Tokens of each sequence, prompt and answer. Default: the model's context.", 1, 1 << 24);
        Option<int?> batch = CommandOptions.Integer("--batch", $"Sequences that must run at once. Default: as many as fit, at most {MemoryPlanner.DefaultBatch}.", 1, MemoryPlanner.StepRows);
        Option<bool> json = CommandOptions.Json();
        var command = new Command("plan", "Computes the largest batch, draft length and draft tree that fit a device's memory, and says what limits each.");
        foreach (Option option in new Option[] { models.Model, models.Draft, models.Heads, models.KvTypeName, memory, named, context, batch, json })
        {
            command.Options.Add(option);
        }
        command.Validators.Add(result =>
        {
            if (result.GetResult(memory) is null && result.GetResult(named) is null)
            {
                result.AddError("plan needs --memory SIZE, or --device D for the budget of a worker there.");
            }
        });
        command.SetAction(parsed =>
        {
            PlannedDevice? device = PlannedDevice.Find(parsed.GetValue(named));
            EngineOptions engine = models.Read(parsed, inProcess: true, MemoryPlanner.DefaultBatch);
            ModelPair.Check(engine);
            ModelFootprint target = Measure(engine.ModelPath);
            ModelFootprint? draft = engine.DraftPath is null ? null : Measure(engine.DraftPath);
            int tokens = ContextOf(parsed.GetValue(context), target);
            long budget = (long?)parsed.GetValue(memory) ?? device!.MemoryBytes;
            device?.RequireShareable(engine.ModelPath, engine.DraftPath);
            MemoryNeeds needs = NeedsOf(engine, target, draft, tokens, device?.Devices ?? 1);
            MemoryPlan plan = MemoryPlanner.Plan(needs, budget, parsed.GetValue(batch));
            (PlanReport.From(engine, tokens, budget, needs, plan) with { Device = device?.Report(target, draft) }).Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static MemoryNeeds NeedsOf(EngineOptions engine, ModelFootprint target, ModelFootprint? draft, int contextTokens, int devices)
    {
        using ModelFile model = CliModels.Open(engine.ModelPath);
        using ModelFile? head = engine.HeadPath is null ? null : CliModels.Open(engine.HeadPath);
        using ModelFile? exit = engine.ExitPath is null ? null : CliModels.Open(engine.ExitPath);
        return MemoryNeeds.Of(target, draft, contextTokens, PlanReport.BlockTokens, engine.KvType,
            head is null ? null : HeadConfiguration.Read(head, target.Configuration), exit is null ? null : ExitModel.Read(exit, model), devices);
    }

    private static int ContextOf(int? asked, ModelFootprint target)
    {
        int most = target.Configuration.ContextTokens;
        return asked is null || asked <= most
            ? asked ?? most
            : throw new CliException($"--context '{asked}' is more than the {most} tokens of the model's context; give 1 to {most}.", CliException.BadUsage);
    }

    private static ModelFootprint Measure(string path)
    {
        using ModelFile file = CliModels.Open(path);
        return ModelFootprint.Read(file);
    }
}
