using System.Runtime.InteropServices;

namespace ILGPU;

/// <summary>A 1-dimensional index of 64-bit coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct LongIndex1D : IIndex, IEquatable<LongIndex1D>
{
    /// <summary>The index whose coordinates are all 0.</summary>
    public static readonly LongIndex1D Zero = new(0);

    /// <summary>The index whose coordinates are all 1.</summary>
    public static readonly LongIndex1D One = new(1);

    /// <summary>An index.</summary>
    /// <param name="x">The X coordinate.</param>
    public LongIndex1D(long x)
    {
        X = x;
    }

    /// <summary>The X coordinate.</summary>
    public long X { get; }

    /// <summary>The product of the coordinates.</summary>
    public long Size => X;

    /// <summary>The coordinate.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator long(LongIndex1D index) => index.X;

    /// <summary>An index of one coordinate.</summary>
    /// <param name="value">The coordinate.</param>
    public static implicit operator LongIndex1D(long value) => new(value);

    /// <summary>The same index in 32 bits.</summary>
    /// <param name="index">The index.</param>
    public static explicit operator Index1D(LongIndex1D index) => index.ToIntIndex();

    /// <summary>The sums of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static LongIndex1D operator +(LongIndex1D first, LongIndex1D second) => new(first.X + second.X);

    /// <summary>The differences of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static LongIndex1D operator -(LongIndex1D first, LongIndex1D second) => new(first.X - second.X);

    /// <summary>The products of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static LongIndex1D operator *(LongIndex1D first, LongIndex1D second) => new(first.X * second.X);

    /// <summary>The quotients of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static LongIndex1D operator /(LongIndex1D first, LongIndex1D second) => new(first.X / second.X);

    /// <summary>Whether all coordinates are equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(LongIndex1D first, LongIndex1D second) => first.X == second.X;

    /// <summary>Whether a coordinate differs.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(LongIndex1D first, LongIndex1D second) => !(first == second);

    /// <summary>The same index in 32 bits.</summary>
    /// <returns>The index.</returns>
    /// <exception cref="OverflowException">It does not fit.</exception>
    public Index1D ToIntIndex() => new(checked((int)X));

    /// <inheritdoc/>
    public bool Equals(LongIndex1D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is LongIndex1D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X);

    /// <inheritdoc/>
    public override string ToString() => $"({X})";
}
