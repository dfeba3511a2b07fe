using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Gateway.Coordination;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Files;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow tokens</c>: the token ids a model generates, with what they are worth.</summary>
internal static class TokensCommand
{
    private const int DefaultTeacherTop = 5;
    private const int DefaultMax = 64;

    public static Command Create()
    {
        var models = new ModelOptions();
        var sampling = new SamplingOptions();
        Option<string?> prompt = new("--prompt") { Description = "Prompt text." };
        Option<string?> promptIds = new("--prompt-ids") { Description = "Prompt as token ids, for example 1,2,3." };
        Option<string?> teacherIds = new("--teacher-ids") { Description = "Feed these ids back, whatever the model chooses, and give what it expects at each step: ids, logits, probabilities. Nothing is sampled." };
        Option<string?> compare = new("--compare") { Description = "Decode greedily on these devices, feed the same ids to --device, and count where it would choose others: near-ties and differences. Exit code 1 with differences." };
        Option<float?> nearTie = CommandOptions.Number("--near-tie", $"With --compare: logits so near are a near-tie. Default {DeviceComparison.DefaultNearTie}.", 0, 100);
        Option<int?> max = CommandOptions.Integer("--max", $"Most tokens to generate. Default {DefaultMax}.", 1, int.MaxValue);
        Option<int?> top = CommandOptions.Integer("--top", "Also give the N most likely tokens at each position.", 1, 20);
        Option<bool> ignoreEos = new("--ignore-eos") { Description = "Never end at an end token." };
        Option<bool> inProcess = new("--in-process") { Description = "Run everything in this process, also with --shards and --draft." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("tokens", "Generates and prints token ids. --shards and --draft start worker processes unless --in-process is given.");
        models.AddTo(command);
        sampling.AddTo(command);
        foreach (Option option in new Option[] { prompt, promptIds, teacherIds, compare, nearTie, max, top, ignoreEos, inProcess, json })
        {
            command.Options.Add(option);
        }
        CommandOptions.RequireOne(command, prompt, promptIds, "Give either --prompt TEXT or --prompt-ids 1,2,3.");
        command.Validators.Add(result =>
        {
            if (result.GetResult(teacherIds) is not null && result.GetResult(compare) is not null)
            {
                result.AddError("--teacher-ids and --compare exclude each other; give one of them.");
            }
            if (result.GetResult(nearTie) is not null && result.GetResult(compare) is null)
            {
                result.AddError("--near-tie says what --compare counts; give --compare too.");
            }
        });
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(teacherIds) is { } teacher)
            {
                FollowTeacher(models.Read(parsed, inProcess: true, maxSequences: 1), parsed.GetValue(prompt), parsed.GetValue(promptIds), teacher, parsed.GetValue(top)).Write(Console.Out, parsed.GetValue(json));
                return 0;
            }
            if (parsed.GetValue(compare) is { } reference)
            {
                ComparisonReport compared = Compare(
                    models.Read(parsed, inProcess: true, maxSequences: 1), ModelOptions.ReadDevices("--compare", reference), parsed.GetValue(prompt), parsed.GetValue(promptIds),
                    parsed.GetValue(max) ?? DefaultMax, parsed.GetValue(ignoreEos), parsed.GetValue(nearTie) ?? DeviceComparison.DefaultNearTie);
                compared.Write(Console.Out, parsed.GetValue(json));
                return compared.Differences == 0 ? 0 : CliException.Failed;
            }
            bool processes = !parsed.GetValue(inProcess) && (parsed.GetValue(models.Shards) is not null || parsed.GetValue(models.Draft) is not null);
            await using LocalEngine engine = await LocalEngine.OpenAsync(models.Read(parsed, !processes, maxSequences: 1), cancellation);
            int[] ids = ReadPrompt(engine.Tokenizer, parsed.GetValue(prompt), parsed.GetValue(promptIds));
            SamplingParameters parameters = sampling.ReadSampling(parsed) with
            {
                Logprobs = parsed.GetValue(top) is not null,
                TopLogprobs = parsed.GetValue(top) ?? 0,
                BannedTokens = parsed.GetValue(ignoreEos) ? engine.Tokenizer.EndTokens : [],
            };
            var request = new GenerationRequest
            {
                RequestId = "tokens",
                PromptTokens = ids,
                Sampling = parameters,
                MaxTokens = Math.Min(parsed.GetValue(max) ?? DefaultMax, Math.Max(1, engine.ContextTokens - ids.Length)),
                StopTokens = parsed.GetValue(ignoreEos) ? [] : engine.Tokenizer.EndTokens,
                Speculation = sampling.ReadSpeculation(parsed),
            };
            TokenGeneration run = await TokenGeneration.RunAsync(engine.Generator, request, TimeProvider.System, null, cancellation);
            TokensReport report = TokensReport.From(engine, ids, run, TimeProvider.System);
            report.Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static TeacherReport FollowTeacher(EngineOptions options, string? prompt, string? promptIds, string teacherIds, int? top)
    {
        ITokenizer tokenizer = ReadTokenizer(options);
        int[] ids = ReadPrompt(tokenizer, prompt, promptIds);
        int[] teacher = CommandOptions.ParseIds("--teacher-ids", teacherIds, tokenizer.VocabularySize);
        if (teacher.Length == 0)
        {
            throw new CliException("--teacher-ids has no ids; give at least one.", CliException.BadUsage);
        }
        using var model = new TeacherForcing(options, ids.Length + teacher.Length);
        return TeacherReport.From(tokenizer, ids, teacher, model.Run(ids, teacher, top ?? DefaultTeacherTop));
    }

    private static ComparisonReport Compare(
        EngineOptions options, IReadOnlyList<DeviceSelection> devices, string? prompt, string? promptIds, int max, bool ignoreEos, float nearTie)
    {
        ITokenizer tokenizer = ReadTokenizer(options);
        int[] ids = ReadPrompt(tokenizer, prompt, promptIds);
        using var reference = new TeacherForcing(options with { Devices = devices }, ids.Length + max);
        using var subject = new TeacherForcing(options, ids.Length + max);
        IReadOnlyList<ComparedStep> steps = DeviceComparison.Run(reference, subject, ids, max, ignoreEos ? [] : tokenizer.EndTokens, nearTie);
        return ComparisonReport.From(tokenizer, ids, steps, reference.Devices, subject.Devices, nearTie);
    }

    private static ITokenizer ReadTokenizer(EngineOptions options)
    {
        using ModelFile file = CliModels.Open(options.ModelPath);
        return TokenizerFactory.FromFile(file);
    }

    private static int[] ReadPrompt(ITokenizer tokenizer, string? text, string? list)
    {
        int[] ids = list is null ? tokenizer.Encode(text!, addSpecial: true, parseSpecial: true) : CommandOptions.ParseIds("--prompt-ids", list, tokenizer.VocabularySize);
        return ids.Length > 0 ? ids : throw new CliException("The prompt has no tokens; give at least one.", CliException.BadUsage);
    }
}
