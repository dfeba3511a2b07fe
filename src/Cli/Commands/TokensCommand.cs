using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Gateway.Coordination;
using Winnow.Inference.Files;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow tokens</c>: the token ids a model generates, with what they are worth.</summary>
internal static class TokensCommand
{
    private const int DefaultTeacherTop = 5;

    public static Command Create()
    {
        var models = new ModelOptions();
        var sampling = new SamplingOptions();
        Option<string?> prompt = new("--prompt") { Description = "Prompt text." };
        Option<string?> promptIds = new("--prompt-ids") { Description = "Prompt as token ids, for example 1,2,3." };
        Option<string?> teacherIds = new("--teacher-ids") { Description = "Feed these ids back, whatever the model chooses, and give what it expects at each step: ids, logits, probabilities. Nothing is sampled." };
        Option<int?> max = CommandOptions.Integer("--max", "Most tokens to generate. Default 64.", 1, int.MaxValue);
        Option<int?> top = CommandOptions.Integer("--top", "Also give the N most likely tokens at each position.", 1, 20);
        Option<bool> ignoreEos = new("--ignore-eos") { Description = "Never end at an end token." };
        Option<bool> inProcess = new("--in-process") { Description = "Run everything in this process, also with --shards and --draft." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("tokens", "Generates and prints token ids. --shards and --draft start worker processes unless --in-process is given.");
        models.AddTo(command);
        sampling.AddTo(command);
        foreach (Option option in new Option[] { prompt, promptIds, teacherIds, max, top, ignoreEos, inProcess, json })
        {
            command.Options.Add(option);
        }
        CommandOptions.RequireOne(command, prompt, promptIds, "Give either --prompt TEXT or --prompt-ids 1,2,3.");
        command.SetAction(async (parsed, cancellation) =>
        {
            if (parsed.GetValue(teacherIds) is { } teacher)
            {
                FollowTeacher(models.Read(parsed, inProcess: true, maxSequences: 1), parsed.GetValue(prompt), parsed.GetValue(promptIds), teacher, parsed.GetValue(top)).Write(Console.Out, parsed.GetValue(json));
                return 0;
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
                MaxTokens = Math.Min(parsed.GetValue(max) ?? 64, Math.Max(1, engine.ContextTokens - ids.Length)),
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
        ITokenizer tokenizer;
        using (ModelFile file = ModelFile.Open(options.ModelPath))
        {
            tokenizer = TokenizerFactory.FromFile(file);
        }
        int[] ids = ReadPrompt(tokenizer, prompt, promptIds);
        int[] teacher = CommandOptions.ParseIds("--teacher-ids", teacherIds, tokenizer.VocabularySize);
        if (teacher.Length == 0)
        {
            throw new CliException("--teacher-ids has no ids; give at least one.", CliException.BadUsage);
        }
        using var model = new TeacherForcing(options, ids.Length + teacher.Length);
        return TeacherReport.From(tokenizer, ids, teacher, model.Run(ids, teacher, top ?? DefaultTeacherTop));
    }

    private static int[] ReadPrompt(ITokenizer tokenizer, string? text, string? list)
    {
        int[] ids = list is null ? tokenizer.Encode(text!, addSpecial: true, parseSpecial: true) : CommandOptions.ParseIds("--prompt-ids", list, tokenizer.VocabularySize);
        return ids.Length > 0 ? ids : throw new CliException("The prompt has no tokens; give at least one.", CliException.BadUsage);
    }
}
