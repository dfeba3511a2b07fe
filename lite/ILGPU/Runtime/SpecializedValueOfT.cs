namespace ILGPU.Runtime;

/// <summary>A kernel's parameter whose value the real compilers treat as a constant; in this edition a value like any other.</summary>
/// <typeparam name="T">The type.</typeparam>
/// <param name="value">The value.</param>
public readonly struct SpecializedValue<T>(T value) : IEquatable<SpecializedValue<T>>
    where T : unmanaged, IEquatable<T>
{
    /// <summary>The value.</summary>
    public T Value { get; } = value;

    /// <summary>The value.</summary>
    /// <param name="value">The wrapped value.</param>
    public static implicit operator T(SpecializedValue<T> value) => value.Value;

    /// <summary>Whether two values are equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(SpecializedValue<T> first, SpecializedValue<T> second) => first.Equals(second);

    /// <summary>Whether two values differ.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(SpecializedValue<T> first, SpecializedValue<T> second) => !first.Equals(second);

    /// <inheritdoc/>
    public bool Equals(SpecializedValue<T> other) => Value.Equals(other.Value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SpecializedValue<T> other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public override string? ToString() => Value.ToString();
}
