using System.Text.RegularExpressions;

namespace Prometheus;

/// <summary>A metric: a name, a help text, label names, and a value for every set of label values.</summary>
public abstract partial class Collector
{
    private protected Collector(string name, string help, string[] labelNames)
    {
        if (!NamePattern().IsMatch(name))
        {
            throw new ArgumentException($"Metric name '{name}' does not match regex '{NamePattern()}'.");
        }

        if (help.AsSpan().ContainsAny('\n', '\\'))
        {
            throw new ArgumentException($"Help of metric '{name}' has a line break or a backslash, which the package writes unescaped; leave them out.");
        }

        foreach (string label in labelNames)
        {
            CheckLabelName(label);
        }

        if (labelNames.Distinct(StringComparer.Ordinal).Count() != labelNames.Length)
        {
            throw new InvalidOperationException("The set of label names includes duplicates: " + string.Join(", ", labelNames));
        }

        Name = name;
        Help = help;
        LabelNames = labelNames;
    }

    /// <summary>The metric's name.</summary>
    public string Name { get; }

    /// <summary>What it says, in one line.</summary>
    public string Help { get; }

    /// <summary>Names of its labels.</summary>
    public string[] LabelNames { get; }

    internal abstract string TypeName { get; }

    internal abstract void Write(ExpositionText text);

    internal abstract void Remove(LabelValues labels);

    private static void CheckLabelName(string label)
    {
        if (label is null)
        {
            throw new ArgumentException("One of the label names was null.");
        }

        if (!NamePattern().IsMatch(label))
        {
            throw new ArgumentException($"Label name '{label}' does not match regex '{NamePattern()}'.");
        }

        if (label.StartsWith("__", StringComparison.Ordinal))
        {
            throw new ArgumentException($"Label name '{label}' is not valid - labels starting with double underscore are reserved!");
        }
    }

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_]*$", RegexOptions.CultureInvariant)]
    private static partial Regex NamePattern();
}
