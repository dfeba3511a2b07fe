using System.Runtime.InteropServices;

namespace ILGPU;

/// <summary>A 2-dimensional index of 32-bit coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Index2D : IIntIndex, IEquatable<Index2D>
{
    /// <summary>The index whose coordinates are all 0.</summary>
    public static readonly Index2D Zero = new(0, 0);

    /// <summary>The index whose coordinates are all 1.</summary>
    public static readonly Index2D One = new(1, 1);

    /// <summary>An index with one value in every coordinate.</summary>
    /// <param name="value">The value.</param>
    public Index2D(int value)
        : this(value, value)
    {
    }

    /// <summary>An index.</summary>
    /// <param name="x">The X coordinate.</param>
    /// <param name="y">The Y coordinate.</param>
    public Index2D(int x, int y)
    {
        X = x;
        Y = y;
    }

    /// <summary>The X coordinate.</summary>
    public int X { get; }

    /// <summary>The Y coordinate.</summary>
    public int Y { get; }

    /// <summary>The product of the coordinates.</summary>
    /// <exception cref="OverflowException">It does not fit 32 bits.</exception>
    public int Size => checked((int)LongSize);

    /// <summary>The product of the coordinates, in 64 bits.</summary>
    public long LongSize => (long)X * Y;

    /// <inheritdoc/>
    long IIndex.Size => LongSize;

    /// <summary>An index of these coordinates.</summary>
    /// <param name="values">The coordinates, X first.</param>
    public static implicit operator Index2D((int, int) values) => new(values.Item1, values.Item2);

    /// <summary>The sums of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index2D operator +(Index2D first, Index2D second) => new(first.X + second.X, first.Y + second.Y);

    /// <summary>The differences of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index2D operator -(Index2D first, Index2D second) => new(first.X - second.X, first.Y - second.Y);

    /// <summary>The products of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index2D operator *(Index2D first, Index2D second) => new(first.X * second.X, first.Y * second.Y);

    /// <summary>The quotients of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index2D operator /(Index2D first, Index2D second) => new(first.X / second.X, first.Y / second.Y);

    /// <summary>Whether all coordinates are equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(Index2D first, Index2D second) => (first.X == second.X) & (first.Y == second.Y);

    /// <summary>Whether a coordinate differs.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(Index2D first, Index2D second) => !(first == second);

    /// <inheritdoc/>
    public bool Equals(Index2D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index2D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y})";
}
