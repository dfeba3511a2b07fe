using System.CommandLine;
using System.Runtime.InteropServices;
using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Links;
using Winnow.Cli.Output;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Drafting;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow bench</c>: speed and acceptance, medians of several runs.</summary>
internal static class BenchCommand
{
    private const int DefaultTokens = 64;
    private const int DefaultRuns = 3;
    private const int LeastRuns = 3;
    private const int MaxBatch = 256;

    public static Command Create()
    {
        var models = new ModelOptions();
        var links = new LinkFlags();
        var engineFlags = new EngineBenchFlags();
        var sampling = new SamplingOptions();
        Option<string> batch = new("--batch") { Description = "Sequences that run together, separated by commas.", DefaultValueFactory = _ => "1" };
        Option<int?> promptTokens = CommandOptions.Integer("--prompt-tokens", "Cut or join prompts to this many tokens. Default: prompts as they are.", 1, 1 << 20);
        Option<int?> tokens = CommandOptions.Integer("--tokens", $"Tokens to generate per sequence. Default {DefaultTokens}.", 1, 1 << 20);
        Option<int?> runs = CommandOptions.Integer("--runs", $"Runs per figure, of which the median is given, at least {LeastRuns} but of the engine alone. Default {DefaultRuns}.", 1, 1000);
        Option<string> prompts = new("--prompts") { Description = "File with a prompt a line (text, or JSON with 'question' or 'prompt'), 'builtin', 'copy-edit', or 'asked-again'.", DefaultValueFactory = _ => BenchPrompts.BuiltIn };
        Option<bool> untilEnd = new("--until-end") { Description = "Let sequences end at their end token instead of generating exactly --tokens." };
        Option<bool> cluster = new("--cluster") { Description = "Measure through a local cluster of processes instead of in this process." };
        Option<int?> kvPercent = CommandOptions.Integer("--kv-percent", "KV pages and draft cache, in percent of what --batch sequences of the longest length need. Default 100.", 1, 100);
        Option<float?> scripted = CommandOptions.Number("--scripted", "Draft with what the run without speculation said, each token right with this probability: a drafter for measuring only.", 0, 1);
        Option<bool> json = CommandOptions.Json();
        var command = new Command("bench", "Measures prefill and decode speed, time to first token, acceptance and memory, without and (with --draft or --drafter) with speculation.");
        models.AddTo(command);
        sampling.AddTo(command);
        foreach (Option option in new Option[] { batch, promptTokens, tokens, runs, prompts, untilEnd, kvPercent, scripted, cluster, json })
        {
            command.Options.Add(option);
        }
        links.AddTo(command);
        engineFlags.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            if (engineFlags.IsAskedFor(parsed, models.Model, models.Devices, models.Threads, models.KvTypeName, tokens, runs, json))
            {
                EngineOptions alone = models.Read(parsed, inProcess: true, maxSequences: 1);
                engineFlags.Run(parsed, alone, parsed.GetValue(tokens) ?? DefaultTokens, parsed.GetValue(runs) ?? DefaultRuns).Write(Console.Out, parsed.GetValue(json));
                return 0;
            }
            int runCount = ReadRuns(parsed.GetValue(runs));
            int[] batches = ReadBatches(parsed.GetValue(batch)!);
            IReadOnlyList<string> texts = BenchPrompts.Read(parsed.GetValue(prompts)!);
            ScriptedDrafter? script = ReadScript(parsed.GetValue(scripted), parsed.GetValue(cluster));
            SpeculationOptions speculation = WithScript(sampling.ReadSpeculation(parsed), script);
            EngineOptions options = models.Read(parsed, !parsed.GetValue(cluster), batches.Max()) with
            {
                Drafter = script,
                Calibrates = true,
                LongestDraft = speculation.FixedDraftTokens ?? 0,
                Links = ReadLinks(links, parsed, parsed.GetValue(cluster)),
                KvShare = ReadKvShare(parsed.GetValue(kvPercent), parsed.GetValue(cluster)),
            };
            if (speculation.Drafter == DrafterNames.DraftModel && options.DraftPath is null)
            {
                throw new CliException($"--drafter '{DrafterNames.DraftModel}' needs a model to draft with; give one with --draft.", CliException.BadUsage);
            }
            await using LocalEngine engine = await LocalEngine.OpenAsync(options, cancellation);
            var runner = new BenchRunner(engine, TimeProvider.System)
            {
                Prompts = BenchPrompts.Encode(texts, engine.Tokenizer, engine.Template, parsed.GetValue(promptTokens)),
                Sampling = sampling.ReadSampling(parsed),
                Speculation = speculation,
                Script = script,
                Tokens = parsed.GetValue(tokens) ?? DefaultTokens,
                Runs = runCount,
                UntilEnd = parsed.GetValue(untilEnd),
                Progress = line => Console.Error.WriteLine(line),
            };
            var report = new BenchReport
            {
                Model = options.ModelPath,
                Draft = options.DraftPath,
                Drafter = speculation.Drafter,
                Threads = options.Threads > 0 ? options.Threads : Environment.ProcessorCount,
                Device = $"{Where(options)}, {Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}",
                Results = await runner.RunAsync(batches, speculate: options.DraftPath is not null || speculation.Drafter is not null, cancellation),
            };
            report.Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static LinkOptions? ReadLinks(LinkFlags flags, ParseResult parsed, bool isCluster)
    {
        LinkOptions? links = flags.Read(parsed);
        return links is null || isCluster
            ? links
            : throw new CliException("--link flags are about the links of a cluster; give --cluster too.", CliException.BadUsage);
    }

    private static double ReadKvShare(int? percent, bool isCluster) => percent is null || !isCluster
        ? (percent ?? 100) / 100.0
        : throw new CliException($"--kv-percent '{percent}' is about the memory of this process; a cluster's workers have Worker:MemoryBytes.", CliException.BadUsage);

    private static ScriptedDrafter? ReadScript(float? acceptance, bool isCluster) => acceptance is null || !isCluster
        ? acceptance is { } given ? new ScriptedDrafter(given) : null
        : throw new CliException($"--scripted '{acceptance}' drafts in this process; leave --cluster out.", CliException.BadUsage);

    private static SpeculationOptions WithScript(SpeculationOptions asked, ScriptedDrafter? script)
    {
        if (script is not null && asked.Drafter is not null)
        {
            throw new CliException($"--scripted and --drafter '{asked.Drafter}' exclude each other; give one of them.", CliException.BadUsage);
        }
        return script is null ? asked : asked with { Drafter = script.Name };
    }

    // Runs of the engine alone may be one each, interleaved with another engine's by who calls.
    private static int ReadRuns(int? runs) => runs is null or >= LeastRuns
        ? runs ?? DefaultRuns
        : throw new CliException($"--runs '{runs}' is not a number from {LeastRuns} to 1000.", CliException.BadUsage);

    private static string Where(EngineOptions options) =>
        options.InProcess ? "in process" : options.Links is null ? "local cluster" : $"local cluster over links of {options.Links}";

    private static int[] ReadBatches(string text)
    {
        int[] batches = CommandOptions.ParseIntegers("--batch", text);
        return batches.Length > 0 && Array.TrueForAll(batches, size => size is >= 1 and <= MaxBatch)
            ? batches
            : throw new CliException($"--batch '{text}' is not valid; write sizes from 1 to {MaxBatch} separated by commas, such as 1,4,16.", CliException.BadUsage);
    }
}
