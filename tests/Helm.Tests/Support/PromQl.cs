using System.Text.RegularExpressions;

namespace Winnow.Helm.Tests.Support;

/// <summary>What a query asks for. Enough of PromQL for the chart's own queries, whose syntax promtool checks.</summary>
internal static partial class PromQl
{
    private static readonly string[] Operators = ["and", "or", "unless", "bool", "offset"];

    /// <summary>Names of the series in a query.</summary>
    public static IReadOnlyList<string> Names(string query)
    {
        string bare = Grouping().Replace(Range().Replace(Braces().Replace(Quoted().Replace(query, "\"\""), ""), ""), " ");
        return [.. Identifier().Matches(bare).Select(match => match.Value).Except(Operators)];
    }

    /// <summary>Names of the series whose growth a query asks for.</summary>
    public static IReadOnlyList<string> Grown(string query) => [.. Growth().Matches(query).Select(match => match.Groups[1].Value)];

    /// <summary>Series with the labels by which they are chosen.</summary>
    public static IReadOnlyList<(string Name, string[] Labels)> Selectors(string query) =>
        [.. Selector().Matches(query).Select(match => (match.Groups[1].Value, LabelName().Matches(match.Groups[2].Value).Select(label => label.Groups[1].Value).ToArray()))];

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"\[[^\]]*\]")]
    private static partial Regex Range();

    [GeneratedRegex(@"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)")]
    private static partial Regex Grouping();

    [GeneratedRegex(@"(?<![\w:.$])(?>[a-zA-Z_:][\w:]*)(?!\s*\()")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\b(?:rate|increase)\(([\w:]+)")]
    private static partial Regex Growth();

    [GeneratedRegex(@"([a-zA-Z_:][\w:]*)\{([^}]*)\}")]
    private static partial Regex Selector();

    [GeneratedRegex(@"(\w+)\s*(?:=~|!~|!=|=)\s*""")]
    private static partial Regex LabelName();
}
