using System.CommandLine;
using System.Text.Json;
using Winnow.Cli.Commands;
using Winnow.Gateway.Coordination;
using Winnow.GpuWorker.Devices;
using Winnow.Hosting;
using Winnow.Inference.Files;
using Winnow.Inference.Planning;
using Winnow.Inference.Templates;

namespace Winnow.Cli;

/// <summary>Parses the command line, runs the command, and turns every failure into one line and an exit code.</summary>
internal static class CommandRunner
{
    /// <summary>Runs the tool. Exit codes: 0 done, 1 failed, 2 bad usage.</summary>
    public static async Task<int> RunAsync(string[] args)
    {
        // A prompt may begin with '@'; it does not name a file of arguments.
        ParseResult parsed = CreateRoot().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
            {
                await Console.Error.WriteLineAsync($"winnow: {error.Message}");
            }
            await Console.Error.WriteLineAsync("winnow: see 'winnow --help' or 'winnow COMMAND --help'.");
            return CliException.BadUsage;
        }
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(60) });
        }
        catch (CliException error)
        {
            await Console.Error.WriteLineAsync($"winnow: {error.Message.ReplaceLineEndings(" ")}");
            return error.ExitCode;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("winnow: interrupted.");
            return CliException.Failed;
        }
        catch (Exception error) when (error is ModelFileException or DeviceException or MemoryPlanException or TemplateException or GenerationException or StartupException or IOException or UnauthorizedAccessException or HttpRequestException or JsonException or InvalidDataException)
        {
            await Console.Error.WriteLineAsync($"winnow: {error.Message.ReplaceLineEndings(" ")}");
            return CliException.Failed;
        }
    }

    private static RootCommand CreateRoot()
    {
        var root = new RootCommand("Winnow serves large language models on a cluster with batched, distributed speculative decoding.");
        root.Subcommands.Add(RunCommand.Create());
        root.Subcommands.Add(UpCommand.Create());
        root.Subcommands.Add(TokensCommand.Create());
        root.Subcommands.Add(BenchCommand.Create());
        root.Subcommands.Add(AcceptCommand.Create());
        root.Subcommands.Add(TokenizeCommand.Create());
        root.Subcommands.Add(DetokenizeCommand.Create());
        root.Subcommands.Add(InspectCommand.Create());
        root.Subcommands.Add(RenderCommand.Create());
        root.Subcommands.Add(PlanCommand.Create());
        root.Subcommands.Add(DevicesCommand.Create());
        root.Subcommands.Add(ModelsCommand.Create());
        root.Subcommands.Add(WorkersCommand.Create());
        root.Subcommands.Add(CertsCommand.Create());
        root.Subcommands.Add(KeysCommand.Create());
        return root;
    }
}
