using System.CommandLine;
using Winnow.Cli.Output;
using Winnow.Inference.Files;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow inspect</c>: what a model file holds.</summary>
internal static class InspectCommand
{
    public static Command Create()
    {
        Argument<string> path = new("file") { Description = "A GGUF file or a Hugging Face folder." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("inspect", "Prints what a model file holds: metadata, tensors, types and sizes.");
        command.Arguments.Add(path);
        command.Options.Add(json);
        command.SetAction(parsed =>
        {
            using ModelFile file = ModelFile.Open(ModelOptions.Existing("FILE", parsed.GetValue(path))!);
            InspectReport.From(file).Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
