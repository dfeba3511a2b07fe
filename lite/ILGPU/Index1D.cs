using System.Runtime.InteropServices;

namespace ILGPU;

/// <summary>A 1-dimensional index of 32-bit coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Index1D : IIntIndex, IEquatable<Index1D>
{
    /// <summary>The index whose coordinates are all 0.</summary>
    public static readonly Index1D Zero = new(0);

    /// <summary>The index whose coordinates are all 1.</summary>
    public static readonly Index1D One = new(1);

    /// <summary>An index.</summary>
    /// <param name="x">The X coordinate.</param>
    public Index1D(int x)
    {
        X = x;
    }

    /// <summary>The X coordinate.</summary>
    public int X { get; }

    /// <summary>The product of the coordinates.</summary>
    /// <exception cref="OverflowException">It does not fit 32 bits.</exception>
    public int Size => checked((int)LongSize);

    /// <summary>The product of the coordinates, in 64 bits.</summary>
    public long LongSize => (long)X;

    /// <inheritdoc/>
    long IIndex.Size => LongSize;

    /// <summary>The coordinate.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator int(Index1D index) => index.X;

    /// <summary>An index of one coordinate.</summary>
    /// <param name="value">The coordinate.</param>
    public static implicit operator Index1D(int value) => new(value);

    /// <summary>The coordinate without a sign.</summary>
    /// <param name="index">The index.</param>
    public static explicit operator uint(Index1D index) => (uint)index.X;

    /// <summary>The same index in 64 bits.</summary>
    /// <param name="index">The index.</param>
    public static implicit operator LongIndex1D(Index1D index) => index.ToLongIndex();

    /// <summary>The sums of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index1D operator +(Index1D first, Index1D second) => new(first.X + second.X);

    /// <summary>The differences of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index1D operator -(Index1D first, Index1D second) => new(first.X - second.X);

    /// <summary>The products of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index1D operator *(Index1D first, Index1D second) => new(first.X * second.X);

    /// <summary>The quotients of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index1D operator /(Index1D first, Index1D second) => new(first.X / second.X);

    /// <summary>Whether all coordinates are equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(Index1D first, Index1D second) => first.X == second.X;

    /// <summary>Whether a coordinate differs.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(Index1D first, Index1D second) => !(first == second);

    /// <summary>The same index in 64 bits.</summary>
    /// <returns>The index.</returns>
    public LongIndex1D ToLongIndex() => new(X);

    /// <inheritdoc/>
    public bool Equals(Index1D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index1D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X);

    /// <inheritdoc/>
    public override string ToString() => $"({X})";
}
