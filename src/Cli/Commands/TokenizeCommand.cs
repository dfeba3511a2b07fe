using System.CommandLine;
using Winnow.Cli.Output;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Commands;

/// <summary><c>winnow tokenize</c>: text to token ids.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var model = new TokenizerOptions();
        Option<string?> text = new("--text") { Description = "The text." };
        Option<string?> file = new("--file") { Description = "A UTF-8 file with the text." };
        Option<bool> noSpecial = new("--no-special") { Description = "Add no begin or end token, and read names of special tokens as ordinary text." };
        Option<bool> json = CommandOptions.Json();
        var command = new Command("tokenize", "Turns text into token ids.");
        model.AddTo(command);
        foreach (Option option in new Option[] { text, file, noSpecial, json })
        {
            command.Options.Add(option);
        }
        CommandOptions.RequireOne(command, text, file, "Give either --text TEXT or --file FILE.");
        command.SetAction(parsed =>
        {
            string source = parsed.GetValue(file) is { } path ? InputFile.ReadText("--file", path) : parsed.GetValue(text)!;
            ITokenizer tokenizer = model.OpenTokenizer(parsed);
            bool special = !parsed.GetValue(noSpecial);
            TokenizeReport.From(tokenizer, tokenizer.Encode(source, special, special)).Write(Console.Out, parsed.GetValue(json));
            return 0;
        });
        return command;
    }
}
