using System.Collections;
using System.Globalization;
using System.Text.Json;
using Winnow.Tests.Common;

namespace Winnow.Conventions.Tests;

/// <summary>docs/configuration.md lists every option with its default, and nothing else.</summary>
public sealed class ConfigurationDocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(SharedFolder.RepositoryRoot, "docs", "configuration.md"));

    [Fact]
    public void Document_EveryOption_IsListedWithItsDefault()
    {
        string[] missing = [.. Options().Select(option => $"| `{option.Key}` | {option.Default} |").Where(row => !Document.Contains(row, StringComparison.Ordinal))];

        Assert.True(missing.Length == 0, $"docs/configuration.md lacks these rows (or their defaults changed):\n{string.Join("\n", missing)}");
    }

    [Fact]
    public void Document_EveryRow_IsAnOption()
    {
        HashSet<string> known = [.. Options().Select(option => $"`{option.Key}`")];

        string[] stale = [.. Document.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1].Trim())
            .Where(key => key.Contains(':', StringComparison.Ordinal) && !known.Contains(key))];

        Assert.True(stale.Length == 0, $"docs/configuration.md lists options that do not exist: {string.Join(", ", stale)}");
    }

    private static IEnumerable<(string Key, string Default)> Options() => OptionCatalog.All.Select(option => (option.Key, Text(option.Default)));

    private static string Text(object? value) => value switch
    {
        null or "" => "none",
        string text => $"`{text}`",
        bool flag => flag ? "`true`" : "`false`",
        IEnumerable list => list.Cast<object>().Any() ? $"`{JsonSerializer.Serialize(list)}`" : "none",
        IFormattable number => $"`{number.ToString(null, CultureInfo.InvariantCulture)}`",
        _ => $"`{value}`",
    };
}
