namespace Winnow.Inference.Graph;

/// <summary>Checks what a shard is handed.</summary>
internal static class ShardSpans
{
    /// <summary>Checks the length of rows of floats.</summary>
    /// <exception cref="ArgumentException">It is another.</exception>
    public static void Require(int found, long expected, string what)
    {
        if (found != expected)
        {
            throw new ArgumentException($"The {what} has '{found}' floats; expected '{expected}' (rows times width).", what);
        }
    }
}
