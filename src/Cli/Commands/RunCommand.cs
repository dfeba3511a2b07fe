using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Winnow.Cli.Bench;
using Winnow.Cli.Engine;
using Winnow.Cli.Processes;
using Winnow.Gateway.Coordination;
using Winnow.Gateway.Serving;
using Winnow.Inference.Files;
using Winnow.Inference.Templates;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow run</c>: one answer from a local cluster, streamed to the terminal.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var models = new ModelOptions();
        var links = new LinkFlags();
        var sampling = new SamplingOptions();
        Argument<string> prompt = new("prompt") { Description = "What to ask." };
        Option<int?> max = CommandOptions.Integer("--max", "Most tokens to generate. Default 256.", 1, int.MaxValue);
        Option<bool> noDraft = new("--no-draft") { Description = "Answer without a draft model." };
        var command = new Command("run", "Starts a local cluster, streams one answer to the terminal, and stops the cluster.");
        command.Arguments.Add(prompt);
        models.AddTo(command);
        sampling.AddTo(command);
        command.Options.Add(max);
        command.Options.Add(noDraft);
        links.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalClusterOptions options = ClusterModels.Read(models, links, parsed, parsed.GetValue(noDraft));
            (ITokenizer tokenizer, ChatTemplate? template) = OpenTokenizer(options.Engine.ModelPath);
            int[] ids = BenchPrompts.EncodeChat(parsed.GetValue(prompt)!, tokenizer, template);
            await using LocalCluster cluster = await LocalCluster.StartAsync(options, ClusterProgress.Terminal, cancellation);
            var request = new GenerationRequest
            {
                RequestId = "run",
                PromptTokens = ids,
                Sampling = sampling.ReadSampling(parsed),
                MaxTokens = Math.Min(parsed.GetValue(max) ?? 256, Math.Max(1, cluster.ContextTokens - ids.Length)),
                StopTokens = tokenizer.EndTokens,
                Speculation = sampling.ReadSpeculation(parsed),
            };
            var text = new StreamingDetokenizer(tokenizer, skipSpecial: true);
            TokenGeneration run = await TokenGeneration.RunAsync(cluster.Generator, request, TimeProvider.System, step => Print(step, text), cancellation);
            Console.WriteLine(text.Flush());
            await Console.Error.WriteLineAsync(Summary(run, TimeProvider.System));
            return 0;
        });
        return command;
    }

    private static (ITokenizer Tokenizer, ChatTemplate? Template) OpenTokenizer(string path)
    {
        using ModelFile file = CliModels.Open(path);
        return (TokenizerFactory.FromFile(file), ChatPrompt.ReadTemplate(file));
    }

    private static void Print(GeneratedTokens step, StreamingDetokenizer text)
    {
        foreach (int token in step.Tokens)
        {
            Console.Write(text.Push(token));
        }
        Console.Out.Flush();
    }

    private static string Summary(TokenGeneration run, TimeProvider time)
    {
        double seconds = time.GetElapsedTime(run.FirstAt, run.EndedAt).TotalSeconds;
        double perSecond = seconds > 0 ? (run.Tokens.Count - run.FirstTokens) / seconds : 0;
        double accepted = run.Steps > 0 ? (double)run.Accepted / run.Steps : 0;
        double acceptance = run.Drafted > 0 ? (double)run.Accepted / run.Drafted : 0;
        return string.Create(CultureInfo.InvariantCulture,
            $"{run.Tokens.Count} tokens, {perSecond:0.0} tokens/s, TTFT {time.GetElapsedTime(run.StartedAt, run.FirstAt).TotalMilliseconds:0} ms, {accepted:0.00} accepted per step, acceptance {acceptance:0.0%}");
    }
}
