namespace ILGPU;

/// <summary>A 16-bit floating-point number (IEEE 754 binary16). Arithmetic is that of floats, rounded to nearest even.</summary>
public readonly struct Half : IEquatable<Half>, IComparable<Half>
{
    /// <summary>The largest finite number.</summary>
    public static readonly Half MaxValue = new(0x7BFF);

    /// <summary>The smallest finite number.</summary>
    public static readonly Half MinValue = new(0xFBFF);

    /// <summary>Zero.</summary>
    public static readonly Half Zero = new(0);

    /// <summary>One.</summary>
    public static readonly Half One = new(0x3C00);

    internal Half(ushort rawValue)
    {
        RawValue = rawValue;
    }

    internal ushort RawValue { get; }

    /// <summary>The float of the same value.</summary>
    /// <param name="halfValue">The half.</param>
    public static implicit operator float(Half halfValue) => (float)BitConverter.UInt16BitsToHalf(halfValue.RawValue);

    /// <summary>The double of the same value.</summary>
    /// <param name="halfValue">The half.</param>
    public static implicit operator double(Half halfValue) => (double)BitConverter.UInt16BitsToHalf(halfValue.RawValue);

    /// <summary>The half that is nearest to a float.</summary>
    /// <param name="floatValue">The float.</param>
    public static explicit operator Half(float floatValue) => new(BitConverter.HalfToUInt16Bits((System.Half)floatValue));

    /// <summary>The half that is nearest to the float that is nearest to a double.</summary>
    /// <param name="doubleValue">The double.</param>
    public static explicit operator Half(double doubleValue) => (Half)(float)doubleValue;

    /// <summary>The negative.</summary>
    /// <param name="halfValue">The half.</param>
    public static Half operator -(Half halfValue) => new((ushort)(halfValue.RawValue ^ 0x8000));

    /// <summary>The sum.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Half operator +(Half first, Half second) => (Half)((float)first + (float)second);

    /// <summary>The difference.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Half operator -(Half first, Half second) => (Half)((float)first - (float)second);

    /// <summary>The product.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Half operator *(Half first, Half second) => (Half)((float)first * (float)second);

    /// <summary>The quotient.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static Half operator /(Half first, Half second) => (Half)((float)first / (float)second);

    /// <summary>Whether the left side is equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator ==(Half first, Half second) => (float)first == (float)second;

    /// <summary>Whether the left side is not equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator !=(Half first, Half second) => (float)first != (float)second;

    /// <summary>Whether the left side is less.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator <(Half first, Half second) => (float)first < (float)second;

    /// <summary>Whether the left side is less or equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator <=(Half first, Half second) => (float)first <= (float)second;

    /// <summary>Whether the left side is greater.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator >(Half first, Half second) => (float)first > (float)second;

    /// <summary>Whether the left side is greater or equal.</summary>
    /// <param name="first">The left side.</param>
    /// <param name="second">The right side.</param>
    public static bool operator >=(Half first, Half second) => (float)first >= (float)second;

    /// <summary>The number without its sign.</summary>
    /// <param name="half">The half.</param>
    /// <returns>The number.</returns>
    public static Half Abs(Half half) => new((ushort)(half.RawValue & 0x7FFF));

    /// <summary>Whether it is no number.</summary>
    /// <param name="half">The half.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsNaN(Half half) => (half.RawValue & 0x7FFF) > 0x7C00;

    /// <summary>Whether it is finite.</summary>
    /// <param name="half">The half.</param>
    /// <returns>Whether it is.</returns>
    public static bool IsFinite(Half half) => (half.RawValue & 0x7C00) != 0x7C00;

    /// <inheritdoc/>
    public bool Equals(Half other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Half other && Equals(other);

    /// <inheritdoc/>
    public int CompareTo(Half other) => ((float)this).CompareTo(other);

    /// <inheritdoc/>
    public override int GetHashCode() => RawValue;

    /// <inheritdoc/>
    public override string ToString() => ((float)this).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
