namespace Winnow.Inference.Templates.Runtime;

/// <summary>The string methods <c>split</c>, <c>rsplit</c> and <c>splitlines</c>, as Python has them.</summary>
internal static class StringSplitting
{
    /// <summary>Parts between separators, or between runs of white space.</summary>
    public static JinjaList Split(RenderBudget budget, string text, CallArguments arguments, bool fromEnd)
    {
        BoundArguments bound = arguments.Bind(fromEnd ? "rsplit" : "split", "sep", "maxsplit");
        long given = bound.Integer("maxsplit", -1);
        int most = given is < 0 or >= int.MaxValue ? int.MaxValue - 1 : (int)given;
        List<string> parts = bound.Get("sep", null) is null
            ? SplitAtBlanks(text, most, fromEnd)
            : SplitAt(text, bound.NeedText("sep"), most, fromEnd);
        budget.Step(parts.Count);
        return new JinjaList([.. parts]);
    }

    /// <summary>Lines without their ends.</summary>
    public static JinjaList SplitLines(RenderBudget budget, string text, CallArguments arguments)
    {
        bool keepEnds = arguments.Bind("splitlines", "keepends").Flag("keepends", false);
        List<object?> lines = [];
        for (int start = 0; start < text.Length;)
        {
            int end = text.IndexOfAny(['\n', '\r', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029'], start);
            int next = end < 0 ? text.Length : end + (text[end] == '\r' && end + 1 < text.Length && text[end + 1] == '\n' ? 2 : 1);
            lines.Add(text[start..(keepEnds || end < 0 ? next : end)]);
            start = next;
        }
        budget.Step(lines.Count);
        return new JinjaList(lines);
    }

    private static List<string> SplitAt(string text, string separator, int most, bool fromEnd)
    {
        if (separator.Length == 0)
        {
            throw new EvaluationException("the separator of 'split' is empty");
        }
        if (!fromEnd)
        {
            return [.. text.Split(separator, most + 1)];
        }
        List<string> parts = [];
        int end = text.Length;
        while (parts.Count < most && end >= separator.Length && text.LastIndexOf(separator, end - 1, StringComparison.Ordinal) is int at and >= 0)
        {
            parts.Add(text[(at + separator.Length)..end]);
            end = at;
        }
        parts.Add(text[..end]);
        parts.Reverse();
        return parts;
    }

    private static List<string> SplitAtBlanks(string text, int most, bool fromEnd)
    {
        List<string> parts = [];
        string rest = fromEnd ? text.TrimEnd() : text.TrimStart();
        while (rest.Length > 0)
        {
            int blank = fromEnd ? LastBlank(rest) : FirstBlank(rest);
            if (blank < 0 || parts.Count == most)
            {
                parts.Add(rest);
                break;
            }
            parts.Add(fromEnd ? rest[(blank + 1)..] : rest[..blank]);
            rest = fromEnd ? rest[..blank].TrimEnd() : rest[blank..].TrimStart();
        }
        if (fromEnd)
        {
            parts.Reverse();
        }
        return parts;
    }

    private static int FirstBlank(string text)
    {
        int at = 0;
        while (at < text.Length && !char.IsWhiteSpace(text[at]))
        {
            at++;
        }
        return at == text.Length ? -1 : at;
    }

    private static int LastBlank(string text)
    {
        int at = text.Length - 1;
        while (at >= 0 && !char.IsWhiteSpace(text[at]))
        {
            at--;
        }
        return at;
    }
}
