using System.Globalization;
using System.Text.Json;
using Winnow.Inference.Tokenizers;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow tokenize</c> prints; the JSON names are documented in docs/cli.md.</summary>
internal sealed record TokenizeReport
{
    private const int PieceCharacters = 120;

    public required IReadOnlyList<int> Ids { get; init; }

    /// <summary>Each token as the vocabulary spells it.</summary>
    public required IReadOnlyList<string> Pieces { get; init; }

    /// <summary>Spells the tokens.</summary>
    public static TokenizeReport From(ITokenizer tokenizer, int[] ids) => new()
    {
        Ids = ids,
        Pieces = Array.ConvertAll(ids, tokenizer.TokenText),
    };

    /// <summary>Writes it for people, a token a line, or as one JSON object.</summary>
    public void Write(TextWriter output, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.TokenizeReport));
            return;
        }
        for (int i = 0; i < Ids.Count; i++)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Ids[i],7}  {TerminalText.OneLine(Pieces[i], PieceCharacters)}"));
        }
        output.WriteLine($"{Ids.Count} tokens");
    }
}
