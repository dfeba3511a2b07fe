using System.Text;

namespace Winnow.Gateway.Serving;

/// <summary>
/// Finds stop strings in streamed text. Text that could still turn into a stop string is held back.
/// </summary>
public sealed class StopMatcher(IReadOnlyList<string> stops)
{
    private readonly StringBuilder _held = new();

    /// <summary>A stop string was found; nothing after it is given out.</summary>
    public bool Matched { get; private set; }

    /// <summary>Adds text and answers with what may be given out: everything before a stop string.</summary>
    public string Push(string text)
    {
        if (Matched || stops.Count == 0)
        {
            return Matched ? "" : text;
        }
        _held.Append(text);
        string held = _held.ToString();
        int end = FirstStop(held);
        if (end >= 0)
        {
            Matched = true;
            _held.Clear();
            return held[..end];
        }
        int keep = LongestStopPrefix(held);
        _held.Clear().Append(held, held.Length - keep, keep);
        return held[..(held.Length - keep)];
    }

    /// <summary>The text held back, when no more comes.</summary>
    public string Flush()
    {
        string rest = _held.ToString();
        _held.Clear();
        return rest;
    }

    private int FirstStop(string text)
    {
        int first = -1;
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || at < first))
            {
                first = at;
            }
        }
        return first;
    }

    private int LongestStopPrefix(string text)
    {
        int longest = 0;
        foreach (string stop in stops)
        {
            for (int length = Math.Min(stop.Length - 1, text.Length); length > longest; length--)
            {
                if (text.AsSpan(text.Length - length).SequenceEqual(stop.AsSpan(0, length)))
                {
                    longest = length;
                }
            }
        }
        return longest;
    }
}
