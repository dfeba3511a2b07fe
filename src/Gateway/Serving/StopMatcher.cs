using System.Text;

namespace Winnow.Gateway.Serving;

/// <summary>
/// Finds stop strings in streamed text. Text that could still turn into a stop string is held back. The stop string that is complete first counts, the longest of several that
/// end together: which one that is does not depend on the pieces in which the text comes.
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

    // Where the stop string begins that is complete first; -1 when none is.
    private int FirstStop(string text)
    {
        (int Start, int End) first = (-1, int.MaxValue);
        foreach (string stop in stops)
        {
            int at = text.IndexOf(stop, StringComparison.Ordinal);
            int end = at + stop.Length;
            if (at >= 0 && (end < first.End || (end == first.End && at < first.Start)))
            {
                first = (at, end);
            }
        }
        return first.Start;
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
