using System.Globalization;
using System.Text;
using Prometheus;

namespace Winnow.Contract.Prometheus.Tests;

/// <summary>A registry's text, read back: series with their values, and the kinds of the families.</summary>
internal sealed record Exposition(string Text, IReadOnlyDictionary<string, double> Series, IReadOnlyDictionary<string, string> Kinds)
{
    internal static async Task<Exposition> Of(CollectorRegistry registry)
    {
        using var stream = new MemoryStream();
        await registry.CollectAndExportAsTextAsync(stream, CancellationToken.None);
        return Parse(Encoding.UTF8.GetString(stream.ToArray()));
    }

    internal static Exposition Parse(string text)
    {
        var series = new Dictionary<string, double>();
        var kinds = new Dictionary<string, string>();
        foreach (string line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                string[] parts = line.Split(' ');
                kinds.Add(parts[2], parts[3]);
            }
            else if (!line.StartsWith('#'))
            {
                int space = line.LastIndexOf(' ');
                series.Add(line[..space], Number(line[(space + 1)..]));
            }
        }

        return new Exposition(text, series, kinds);
    }

    private static double Number(string text) => text switch
    {
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
