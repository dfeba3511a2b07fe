namespace Winnow.Cli.Output;

/// <summary>Makes text of model files fit for a terminal: such text is not trusted, and control characters could steer the terminal.</summary>
internal static class TerminalText
{
    /// <summary>One line without control characters, cut to a length.</summary>
    public static string OneLine(string text, int limit)
    {
        string cut = text.Length > limit ? string.Concat(text.AsSpan(0, limit - 1), "…") : text;
        return string.Create(cut.Length, cut, static (line, source) =>
        {
            for (int i = 0; i < line.Length; i++)
            {
                line[i] = char.IsControl(source[i]) || source[i] is '\u2028' or '\u2029' ? ' ' : source[i];
            }
        });
    }
}
