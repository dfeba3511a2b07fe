using System.Runtime.InteropServices;

namespace ILGPU;

/// <summary>A 3-dimensional index of 32-bit coordinates.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct Index3D : IIntIndex, IEquatable<Index3D>
{
    /// <summary>The index whose coordinates are all 0.</summary>
    public static readonly Index3D Zero = new(0, 0, 0);

    /// <summary>The index whose coordinates are all 1.</summary>
    public static readonly Index3D One = new(1, 1, 1);

    /// <summary>An index with one value in every coordinate.</summary>
    /// <param name="value">The value.</param>
    public Index3D(int value)
        : this(value, value, value)
    {
    }

    /// <summary>An index.</summary>
    /// <param name="x">The X coordinate.</param>
    /// <param name="y">The Y coordinate.</param>
    /// <param name="z">The Z coordinate.</param>
    public Index3D(int x, int y, int z)
    {
        X = x;
        Y = y;
        Z = z;
    }

    /// <summary>The X coordinate.</summary>
    public int X { get; }

    /// <summary>The Y coordinate.</summary>
    public int Y { get; }

    /// <summary>The Z coordinate.</summary>
    public int Z { get; }

    /// <summary>The product of the coordinates.</summary>
    /// <exception cref="OverflowException">It does not fit 32 bits.</exception>
    public int Size => checked((int)LongSize);

    /// <summary>The product of the coordinates, in 64 bits.</summary>
    public long LongSize => (long)X * Y * Z;

    /// <inheritdoc/>
    long IIndex.Size => LongSize;

    /// <summary>An index of these coordinates.</summary>
    /// <param name="values">The coordinates, X first.</param>
    public static implicit operator Index3D((int, int, int) values) => new(values.Item1, values.Item2, values.Item3);

    /// <summary>The sums of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index3D operator +(Index3D first, Index3D second) => new(first.X + second.X, first.Y + second.Y, first.Z + second.Z);

    /// <summary>The differences of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index3D operator -(Index3D first, Index3D second) => new(first.X - second.X, first.Y - second.Y, first.Z - second.Z);

    /// <summary>The products of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index3D operator *(Index3D first, Index3D second) => new(first.X * second.X, first.Y * second.Y, first.Z * second.Z);

    /// <summary>The quotients of the coordinates.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Index3D operator /(Index3D first, Index3D second) => new(first.X / second.X, first.Y / second.Y, first.Z / second.Z);

    /// <summary>Whether all coordinates are equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(Index3D first, Index3D second) => (first.X == second.X) & (first.Y == second.Y) & (first.Z == second.Z);

    /// <summary>Whether a coordinate differs.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(Index3D first, Index3D second) => !(first == second);

    /// <inheritdoc/>
    public bool Equals(Index3D other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Index3D other && this == other;

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(X, Y, Z);

    /// <inheritdoc/>
    public override string ToString() => $"({X}, {Y}, {Z})";
}
