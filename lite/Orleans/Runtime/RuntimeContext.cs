namespace Orleans.Runtime;

/// <summary>The activation whose grain object is being made on this thread.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IActivation? _current;

    /// <summary>Read by <see cref="Grain"/>'s constructor; <see langword="null"/> when code other than the runtime makes a grain.</summary>
    internal static IActivation? Current
    {
        get => _current;
        set => _current = value;
    }
}
