namespace Winnow.Inference.Templates;

/// <summary>A chat template cannot be parsed, or refuses its input; the message is one line with the template's line and the reason.</summary>
public sealed class TemplateException : Exception
{
    /// <summary>A failure at a line.</summary>
    /// <param name="line">Line of the template, from 1; 0 when no line is to blame.</param>
    /// <param name="reason">What is wrong, without a full stop at the end.</param>
    /// <param name="inner">The failure underneath, if any.</param>
    public TemplateException(int line, string reason, Exception? inner = null)
        : base(line > 0 ? $"Chat template, line {line}: {OneLine(reason)}." : $"Chat template: {OneLine(reason)}.", inner)
    {
        Line = line;
        Reason = reason;
    }

    /// <summary>Line of the template, from 1; 0 when no line is to blame.</summary>
    public int Line { get; }

    /// <summary>What is wrong; for <c>raise_exception</c> the template's own words.</summary>
    public string Reason { get; }

    private static string OneLine(string reason) => reason.ReplaceLineEndings(" ").TrimEnd('.');
}
