using System.Globalization;

namespace Winnow.Inference.Templates.Runtime;

/// <summary>Elements of values, and texts by code points, as Python sees them.</summary>
internal static class Iteration
{
    /// <summary>The elements that a loop or filter runs over: of a list its items, of a dict its keys, of a text its code points.</summary>
    /// <exception cref="EvaluationException">The value has no elements.</exception>
    public static IReadOnlyList<object?> Items(RenderBudget budget, object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            JinjaList list => list.Items,
            JinjaDict dict => [.. dict.Keys],
            string text => [.. CodePoints(text)],
            Undefined => [],
            _ => throw new EvaluationException($"{TypeNames.Of(value)} cannot be iterated over"),
        };
        budget.Step(items.Count);
        return items;
    }

    /// <summary>How many elements a value has.</summary>
    /// <exception cref="EvaluationException">It has none by nature.</exception>
    public static long Count(object? value) => value switch
    {
        string text => CountCodePoints(text),
        JinjaList list => list.Items.Count,
        JinjaDict dict => dict.Count,
        Undefined => 0,
        _ => throw new EvaluationException($"{TypeNames.Of(value)} has no length"),
    };

    /// <summary>Code points of a text.</summary>
    public static IEnumerable<string> CodePoints(string text)
    {
        for (int at = 0; at < text.Length;)
        {
            int length = char.IsSurrogatePair(text, at) ? 2 : 1;
            yield return length == 1 ? CharacterText(text[at]) : text.Substring(at, length);
            at += length;
        }
    }

    /// <summary>The code point at an index from 0, or null beyond the end.</summary>
    public static string? CodePointAt(string text, long index)
    {
        if (!HasSurrogates(text))
        {
            return index < text.Length ? CharacterText(text[(int)index]) : null;
        }
        foreach (string codePoint in CodePoints(text))
        {
            if (index-- == 0)
            {
                return codePoint;
            }
        }
        return null;
    }

    /// <summary>Elements picked from a list or text by a slice's indices.</summary>
    /// <exception cref="EvaluationException">The value cannot be sliced, or the step is zero.</exception>
    public static object Slice(RenderBudget budget, object? value, long? start, long? stop, long? step)
    {
        if (value is not (string or JinjaList))
        {
            throw value is Undefined undefined ? undefined.Error() : new EvaluationException($"{TypeNames.Of(value)} cannot be sliced");
        }
        IReadOnlyList<object?> items = Items(budget, value);
        List<object?> picked = [.. Indices(items.Count, start, stop, step).Select(index => items[(int)index])];
        return value is string ? string.Concat(picked) : new JinjaList(picked, ((JinjaList)value).IsTuple);
    }

    // Python's slice.indices.
    private static IEnumerable<long> Indices(long count, long? start, long? stop, long? step)
    {
        long by = step ?? 1;
        if (by == 0)
        {
            throw new EvaluationException("a slice's step cannot be zero");
        }
        long low = by > 0 ? 0 : -1;
        long high = by > 0 ? count : count - 1;
        long first = start is null ? (by > 0 ? low : high) : Clamp(start.Value);
        long last = stop is null ? (by > 0 ? high : low) : Clamp(stop.Value);
        return Walk();

        long Clamp(long index) => Math.Clamp(index < 0 ? index + count : index, low, Math.Max(low, high));

        IEnumerable<long> Walk()
        {
            for (Int128 index = first; by > 0 ? index < last : index > last; index += by)
            {
                yield return (long)index;
            }
        }
    }

    private static long CountCodePoints(string text)
    {
        if (!HasSurrogates(text))
        {
            return text.Length;
        }
        int pairs = 0;
        for (int at = 0; at + 1 < text.Length; at++)
        {
            if (char.IsSurrogatePair(text, at))
            {
                pairs++;
                at++;
            }
        }
        return text.Length - pairs;
    }

    private static bool HasSurrogates(string text) => text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF');

    private static string CharacterText(char character) => character.ToString(CultureInfo.InvariantCulture);
}
