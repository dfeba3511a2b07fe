using System.Text.Json;

namespace Winnow.Cli.Output;

/// <summary>What <c>winnow detokenize</c> and <c>winnow render</c> print; the JSON name is documented in docs/cli.md.</summary>
internal sealed record ExactText
{
    public required string Text { get; init; }

    /// <summary>Writes the text as it is, so that a file or pipe gets exactly its characters, or as one JSON object.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="json">As JSON.</param>
    /// <param name="terminal">A person reads it: the line is ended.</param>
    public void Write(TextWriter output, bool json, bool terminal)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(this, CliJson.Relaxed.ExactText));
            return;
        }
        output.Write(Text);
        if (terminal && !Text.EndsWith('\n'))
        {
            output.WriteLine();
        }
    }
}
