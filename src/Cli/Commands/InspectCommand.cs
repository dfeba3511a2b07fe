using System.CommandLine;
using System.Text.Json;
using Winnow.Cli.Engine;
using Winnow.Cli.Output;
using Winnow.Fetching;
using Winnow.Inference.Files;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow inspect</c>: what a model holds and needs, and whether another one can draft for it.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> path = new("file") { Description = "A GGUF file or a Hugging Face folder, by path or URL; of a URL only the headers are fetched." };
        Option<string?> with = new("--with") { Description = "A draft model: say whether it speaks the same tokens, or how they differ." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("inspect", "Prints what a model holds: sizes, types, tokeniser, template, memory needs, metadata and tensors.");
        command.Arguments.Add(path);
        command.Options.Add(with);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            string location = ModelOptions.Existing("FILE", parsed.GetValue(path))!;
            using ModelFile file = CliModels.Open(location);
            using ModelFile? draft = ModelOptions.Existing("--with", parsed.GetValue(with)) is { } other ? CliModels.Open(other) : null;
            Write(InspectReport.From(file, draft, ModelLocation.Shown(location)), parsed.GetValue(json));
            return 0;
        });
        return command;
    }

    private static void Write(InspectReport report, bool json)
    {
        if (json)
        {
            Console.Out.WriteLine(JsonSerializer.Serialize(report, CliJson.Relaxed.InspectReport));
            return;
        }
        new InspectText(report, Console.Out).Write();
    }
}
