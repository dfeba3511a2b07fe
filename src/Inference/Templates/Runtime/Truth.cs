namespace Winnow.Inference.Templates.Runtime;

/// <summary>What counts as true: as in Python, all but none, false, zero, and what is empty or undefined.</summary>
internal static class Truth
{
    /// <summary>Whether a value is true.</summary>
    public static bool Of(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        string text => text.Length > 0,
        JinjaList list => list.Items.Count > 0,
        JinjaDict dict => dict.Count > 0,
        _ => true,
    };
}
