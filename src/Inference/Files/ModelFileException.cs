namespace Winnow.Inference.Files;

/// <summary>A model file cannot be used. The message is one line: file, field, what was found, what was expected.</summary>
public sealed class ModelFileException : Exception
{
    private const int MaxQuoted = 120;

    /// <summary>A field of a file that is not what it must be.</summary>
    /// <param name="path">The file.</param>
    /// <param name="field">The field, as a person would name it.</param>
    /// <param name="found">What the file holds; shortened and kept on one line.</param>
    /// <param name="expected">What it must hold.</param>
    /// <param name="inner">The failure underneath, if any.</param>
    public ModelFileException(string path, string field, object found, string expected, Exception? inner = null)
        : base($"Model file '{OneLine(path)}': {OneLine(field)} is '{OneLine(found)}'; expected {OneLine(expected, int.MaxValue)}.", inner)
    {
        Path = path;
        Field = field;
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>The field that is wrong.</summary>
    public string Field { get; }

    private static string OneLine(object value, int limit = MaxQuoted)
    {
        string text = FormattableString.Invariant($"{value}");
        if (text.Length > limit)
        {
            text = string.Concat(text.AsSpan(0, limit), "...");
        }
        return string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) || source[i] is '\u2028' or '\u2029' ? '?' : source[i];
            }
        });
    }
}
