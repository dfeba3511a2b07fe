using System.CommandLine;
using Winnow.Cli.Engine;
using Winnow.Cli.Processes;
using Winnow.Gateway.Serving;
using Winnow.Inference.Files;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow up</c>: a local cluster that serves until it is interrupted.</summary>
internal static class UpCommand
{
    public static Command Create()
    {
        var models = new ModelOptions();
        var links = new LinkFlags();
        Option<int?> port = CommandOptions.Integer("--port", "Port of the HTTP API on 127.0.0.1. Default: a free one.", 0, 65535);
        Option<int?> gateways = CommandOptions.Integer("--gateways", "Gateways, on the port and those behind it; any of them serves. Default: 1.", 1, 8);
        Option<bool> noDraft = new("--no-draft") { Description = "Serve without a draft model." };
        Option<string?> tls = new("--tls")
        {
            Description = "Speak TLS between the processes, with the certificates of this folder made by 'winnow certs'; without a folder, with new ones.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<string?> keys = new("--keys") { Description = "File of API keys made by 'winnow keys' that clients must send." };
        Option<bool> verbose = new("--verbose") { Description = "Print the log lines of the processes on stderr." };
        var command = new Command("up", "Starts a gateway, a silo, a draft worker and target workers on this machine and serves until Ctrl-C.");
        models.AddTo(command);
        command.Options.Add(port);
        command.Options.Add(gateways);
        command.Options.Add(noDraft);
        command.Options.Add(verbose);
        command.Options.Add(tls);
        command.Options.Add(keys);
        links.AddTo(command);
        command.SetAction(async (parsed, cancellation) =>
        {
            LocalClusterOptions options = ClusterModels.Read(models, links, parsed, parsed.GetValue(noDraft)) with
            {
                Port = parsed.GetValue(port) ?? 0,
                UsesTls = parsed.GetResult(tls) is not null,
                CertificateDirectory = parsed.GetValue(tls),
                KeysFile = parsed.GetValue(keys),
                Gateways = parsed.GetValue(gateways) ?? 1,
                Log = parsed.GetValue(verbose) ? Console.Error.WriteLine : null,
            };
            LocalCluster cluster;
            try
            {
                cluster = await LocalCluster.StartAsync(options, ClusterProgress.Terminal, cancellation);
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
            await using (cluster)
            {
                Console.WriteLine($"Winnow serves '{cluster.ModelName}' at {cluster.Url}/v1 (Ctrl-C stops it). Try:");
                if (cluster.Urls.Count > 1)
                {
                    Console.WriteLine($"Other gateways: {string.Join(", ", cluster.Urls.Skip(1).Select(url => url + "/v1"))}.");
                }
                Console.WriteLine("  " + Example(cluster.Url, cluster.ModelName, HasTemplate(options.Engine.ModelPath), options.KeysFile is not null));
                string? died = await cluster.WaitAsync(cancellation);
                await Console.Error.WriteLineAsync(died is null ? "winnow: draining …" : $"winnow: {died}");
                return died is null ? 0 : CliException.Failed;
            }
        });
        return command;
    }

    /// <summary>A request that the model can answer: a conversation only where it has a chat template.</summary>
    internal static string Example(string url, string model, bool hasTemplate, bool asksForKeys = false)
    {
        const string Question = "Tom has 3 bags with 4 apples each. How many apples does he have?";
        (string path, string input) = hasTemplate
            ? ("chat/completions", $$"""
                "messages":[{"role":"user","content":"{{Question}}"}]
                """)
            : ("completions", $"\"prompt\":\"{Question}\"");
        string key = asksForKeys ? "-H 'Authorization: Bearer KEY' " : "";
        return $$"""curl {{url}}/v1/{{path}} {{key}}-H 'Content-Type: application/json' -d '{"model":"{{model}}","stream":true,{{input}}}'""";
    }

    private static bool HasTemplate(string path)
    {
        using ModelFile file = CliModels.Open(path);
        return ChatPrompt.ReadTemplate(file) is not null;
    }
}
