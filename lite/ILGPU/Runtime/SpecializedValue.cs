namespace ILGPU.Runtime;

/// <summary>Makes values that kernels are compiled for.</summary>
public static class SpecializedValue
{
    /// <summary>Wraps a value.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="value">The value.</param>
    /// <returns>The wrapped value.</returns>
    public static SpecializedValue<T> New<T>(T value)
        where T : unmanaged, IEquatable<T>
        => new(value);
}
