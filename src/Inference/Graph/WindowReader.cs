namespace Winnow.Inference.Graph;

/// <summary>Reads which layers attend through a sliding window.</summary>
internal static class WindowReader
{
    private const string Pattern = "attention.sliding_window_pattern";

    /// <summary>Tokens of the window; 0 when the file says 0 or, with no default, nothing.</summary>
    public static int ReadTokens(ModelFields fields, int absent) => fields.Integer("attention.sliding_window", absent, 0, int.MaxValue);

    /// <summary>
    /// One flag per layer, true for a window. The file gives the flags, or a period of which the last layer has none; a period of 0 means all.
    /// </summary>
    /// <param name="fields">The file's fields.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="period">Period when the file gives nothing.</param>
    public static IReadOnlyList<bool> ReadPattern(ModelFields fields, int layers, int period)
    {
        if (fields.IsArray(Pattern))
        {
            return fields.Flags(Pattern, layers);
        }
        int every = fields.Integer(Pattern, period, 0, int.MaxValue);
        return [.. Enumerable.Range(0, layers).Select(layer => every == 0 || layer % every < every - 1)];
    }
}
