namespace Orleans;

/// <summary>A value with what a store knows about it.</summary>
/// <typeparam name="T">The value's type.</typeparam>
[GenerateSerializer]
public sealed class GrainState<T> : IGrainState<T>
{
    /// <summary>Without a value.</summary>
    public GrainState()
        : this(default!, null)
    {
    }

    /// <summary>With a value that was never stored.</summary>
    public GrainState(T state)
        : this(state, null)
    {
    }

    /// <summary>With a value and its version.</summary>
    public GrainState(T state, string? eTag)
    {
        State = state;
        ETag = eTag;
    }

    /// <inheritdoc/>
    [Id(0)]
    public T State { get; set; }

    /// <inheritdoc/>
    [Id(1)]
    public string? ETag { get; set; }

    /// <inheritdoc/>
    [Id(2)]
    public bool RecordExists { get; set; }
}
