using System.CommandLine;
using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Gateway.Serving;
using Winnow.Inference.Files;
using Winnow.Inference.Sampling;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow accept</c>: how many drafts each acceptance rule keeps, beside what theory allows. Counts, so that a busy machine changes nothing.</summary>
internal static class AcceptCommand
{
    private const int DefaultPrompts = 64;
    private const int DefaultTokens = 64;
    private const int DefaultLength = 4;
    private const float DefaultTemperature = 0.8f;

    private static readonly (AcceptanceRule Rule, int Width)[] Rules =
    [
        (AcceptanceRule.Coupled, 1), (AcceptanceRule.Rejection, 1),
        (AcceptanceRule.Coupled, 2), (AcceptanceRule.Spectr, 2), (AcceptanceRule.Rsd, 2),
        (AcceptanceRule.Coupled, 4), (AcceptanceRule.Spectr, 4), (AcceptanceRule.Rsd, 4),
        (AcceptanceRule.LossyTypical, 1),
    ];

    public static Command Create()
    {
        var models = new ModelOptions();
        Option<string?> prompts = new("--prompts") { Description = "Prompts: builtin, or a file with a prompt or a JSON object a line. Default: builtin." };
        Option<int?> count = CommandOptions.Integer("--requests", $"Prompts to use. Default {DefaultPrompts}.", 1, int.MaxValue);
        Option<int?> tokens = CommandOptions.Integer("--tokens", $"Tokens to generate for each. Default {DefaultTokens}.", 1, int.MaxValue);
        Option<int?> length = CommandOptions.Integer("--draft-tokens", $"Tokens of a draft. Default {DefaultLength}.", 1, 16);
        Option<float?> temperature = CommandOptions.Number("--temperature", "Softmax temperature, above 0. Default 0.8.", 0.01f, 2);
        Option<bool> json = CommandOptions.Json();
        var command = new Command("accept", "Counts the drafts that each acceptance rule keeps, beside the bounds of theory.");
        models.AddTo(command);
        foreach (Option option in new Option[] { prompts, count, tokens, length, temperature, json })
        {
            command.Options.Add(option);
        }
        command.SetAction(parsed =>
        {
            EngineOptions options = models.Read(parsed, inProcess: true, maxSequences: 1);
            options = options with { DraftPath = options.DraftPath ?? ShippedModels.Find(ShippedModels.Draft) };
            using ModelFile file = CliModels.Open(options.ModelPath);
            ITokenizer tokenizer = TokenizerFactory.FromFile(file);
            IReadOnlyList<string> texts = [.. BenchPrompts.Read(parsed.GetValue(prompts) ?? BenchPrompts.BuiltIn).Take(parsed.GetValue(count) ?? DefaultPrompts)];
            var work = new Work(BenchPrompts.Encode(texts, tokenizer, ChatPrompt.ReadTemplate(file), promptTokens: null), tokenizer.EndTokens,
                parsed.GetValue(tokens) ?? DefaultTokens, parsed.GetValue(length) ?? DefaultLength, parsed.GetValue(temperature) ?? DefaultTemperature);
            Measure(options, work).Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static AcceptReport Measure(EngineOptions options, Work work)
    {
        int longest = work.Prompts.Max(prompt => prompt.Length) + work.Tokens + work.Length + 1;
        using var run = new AcceptanceRun(options, longest);
        using var target = new TeacherForcing(options, longest);
        using var draft = new TeacherForcing(options with { ModelPath = options.DraftPath!, Shards = 1 }, longest);
        var results = new List<AcceptResult>();
        foreach ((AcceptanceRule rule, int width) in Rules)
        {
            var odds = new AcceptanceOdds(target, draft, work.Temperature);
            List<AcceptanceTrace> traces = [];
            for (int i = 0; i < work.Prompts.Count; i++)
            {
                var sampling = new SamplingParameters { Temperature = work.Temperature, Seed = (ulong)i, Rule = rule };
                traces.Add(run.Run(work.Prompts[i], sampling, width, work.Length, work.Tokens, work.Ends));
                odds.Add(work.Prompts[i], traces[^1], AcceptanceRules.NeedsLaw(rule));
            }
            results.Add(Sum(traces, odds, rule, width, work));
        }
        return new AcceptReport { Model = options.ModelPath, Draft = options.DraftPath!, Prompts = work.Prompts.Count, Results = results };
    }

    private static AcceptResult Sum(List<AcceptanceTrace> traces, AcceptanceOdds odds, AcceptanceRule rule, int width, Work work)
    {
        int steps = traces.Sum(trace => trace.Starts.Count);
        int accepted = traces.Sum(trace => trace.Accepted);
        return new AcceptResult
        {
            Temperature = Math.Round(work.Temperature, 3),
            Rule = AcceptanceRules.NameOf(rule),
            Width = width,
            Length = work.Length,
            Steps = steps,
            FirstKept = (double)traces.Sum(trace => trace.FirstKept) / steps,
            Optimum = odds.Optimum,
            CoupledFloor = odds.CoupledFloor,
            Coupled = odds.Coupled,
            TokensPerStep = 1 + ((double)accepted / steps),
            Acceptance = (double)accepted / traces.Sum(trace => trace.Drafted),
        };
    }

    private sealed record Work(IReadOnlyList<int[]> Prompts, IReadOnlyList<int> Ends, int Tokens, int Length, float Temperature);
}
