using System.CommandLine;
using Winnow.Cli.Output;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow detokenize</c>: token ids to text.</summary>
internal static class DetokenizeCommand
{
    public static Command Create()
    {
        var model = new TokenizerOptions();
        Option<string> ids = new("--ids") { Description = "Token ids separated by commas, for example 1,2,3.", Required = true };
        Option<bool> noSpecial = new("--no-special") { Description = "Leave special tokens out instead of printing their names." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("detokenize", "Turns token ids into text, exactly: nothing is added when stdout is a file or a pipe.");
        model.AddTo(command);
        foreach (Option option in new Option[] { ids, noSpecial, json })
        {
            command.Options.Add(option);
        }
        command.SetAction(parsed =>
        {
            ITokenizer tokenizer = model.OpenTokenizer(parsed);
            int[] read = CommandOptions.ParseIds("--ids", parsed.GetValue(ids)!, tokenizer.VocabularySize);
            var report = new ExactText { Text = tokenizer.Decode(read, parsed.GetValue(noSpecial)) };
            report.Write(Console.Out, parsed.GetValue(json), !Console.IsOutputRedirected);
            return 0;
        });
        return command;
    }
}
