using System.CommandLine;

namespace Winnow.Peer.Commands;

/// <summary><c>tokenize</c>: ids of texts from stdin.</summary>
internal static class TokenizeCommand
{
    public static Command Create()
    {
        var library = new LibraryOptions();
        Option<bool> addSpecial = new("--add-special") { Description = "Add the begin and end tokens that the model wants." };
        Option<bool> parseSpecial = new("--parse-special") { Description = "Names of special tokens in the text become those tokens." };
        Option<string?> separator = new("--separator") { Description = "A line that ends a text, as in llama.cpp's vocabulary tests. Default: every line is a text." };
        var command = new Command("tokenize", "Reads texts from stdin and prints a JSON array of their token ids, an array a text.") { addSpecial, parseSpecial, separator };
        library.AddTo(command);
        command.SetAction(parsed =>
        {
            using var model = new PeerModel(library.Load(parsed), vocabularyOnly: true);
            string input = new StreamReader(Console.OpenStandardInput()).ReadToEnd();
            PeerJson.Print(Split(input, parsed.GetValue(separator))
                .Select(text => model.Tokenize(text, parsed.GetValue(addSpecial), parsed.GetValue(parseSpecial))));
        });
        return command;
    }

    // The last line of a file ends with a line feed that starts no further text.
    private static string[] Split(string input, string? separator)
        => (input.EndsWith('\n') ? input[..^1] : input).Split(separator is null ? "\n" : $"\n{separator}\n");
}
