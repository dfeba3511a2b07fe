using System.Globalization;
using System.Text;

namespace Prometheus;

/// <summary>
/// Writes the Prometheus text format 0.0.4
/// (https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format).
/// </summary>
internal sealed class ExpositionText
{
    private readonly StringBuilder _text = new();

    internal static string Format(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };

    internal byte[] ToBytes() => Encoding.UTF8.GetBytes(_text.ToString());

    internal void Family(Collector collector)
    {
        _text.Append("# HELP ").Append(collector.Name).Append(' ').Append(collector.Help);
        _text.Append("\n# TYPE ").Append(collector.Name).Append(' ').Append(collector.TypeName).Append('\n');
    }

    internal void Point(Collector collector, string suffix, LabelValues labels, string? bound, double value)
    {
        _text.Append(collector.Name).Append(suffix);
        if (labels.Values.Length > 0 || bound is not null)
        {
            _text.Append('{');
            for (int i = 0; i < labels.Values.Length; i++)
            {
                Label(collector.LabelNames[i], labels.Values[i]);
            }

            if (bound is not null)
            {
                Label("le", bound);
            }

            _text.Length--; // the last label's comma
            _text.Append('}');
        }

        _text.Append(' ').Append(Format(value)).Append('\n');
    }

    private void Label(string name, string value)
    {
        _text.Append(name).Append("=\"");
        Escape(value);
        _text.Append("\",");
    }

    private void Escape(string value)
    {
        foreach (char c in value)
        {
            switch (c)
            {
                case '\\':
                    _text.Append("\\\\");
                    break;
                case '\n':
                    _text.Append("\\n");
                    break;
                case '"':
                    _text.Append("\\\"");
                    break;
                default:
                    _text.Append(c);
                    break;
            }
        }
    }
}
