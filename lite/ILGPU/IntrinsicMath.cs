namespace ILGPU;

/// <summary>Mathematics that every device has.</summary>
public static class IntrinsicMath
{
    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static int Min(int first, int second) => Math.Min(first, second);

    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static uint Min(uint first, uint second) => Math.Min(first, second);

    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static long Min(long first, long second) => Math.Min(first, second);

    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static ulong Min(ulong first, ulong second) => Math.Min(first, second);

    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static float Min(float first, float second) => Math.Min(first, second);

    /// <summary>The smaller of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static double Min(double first, double second) => Math.Min(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static int Max(int first, int second) => Math.Max(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static uint Max(uint first, uint second) => Math.Max(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static long Max(long first, long second) => Math.Max(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static ulong Max(ulong first, ulong second) => Math.Max(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static float Max(float first, float second) => Math.Max(first, second);

    /// <summary>The larger of two numbers.</summary>
    /// <param name="first">A number.</param>
    /// <param name="second">A number.</param>
    /// <returns>The number.</returns>
    public static double Max(double first, double second) => Math.Max(first, second);

    /// <summary>A number without its sign.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The number.</returns>
    public static int Abs(int value) => Math.Abs(value);

    /// <summary>A number without its sign.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The number.</returns>
    public static long Abs(long value) => Math.Abs(value);

    /// <summary>A number without its sign.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The number.</returns>
    public static float Abs(float value) => Math.Abs(value);

    /// <summary>A number without its sign.</summary>
    /// <param name="value">The number.</param>
    /// <returns>The number.</returns>
    public static double Abs(double value) => Math.Abs(value);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static int Clamp(int value, int min, int max) => Max(Min(value, max), min);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static uint Clamp(uint value, uint min, uint max) => Max(Min(value, max), min);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static long Clamp(long value, long min, long max) => Max(Min(value, max), min);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static ulong Clamp(ulong value, ulong min, ulong max) => Max(Min(value, max), min);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static float Clamp(float value, float min, float max) => Max(Min(value, max), min);

    /// <summary>A number moved into a range.</summary>
    /// <param name="value">The number.</param>
    /// <param name="min">The least.</param>
    /// <param name="max">The most.</param>
    /// <returns>The number.</returns>
    public static double Clamp(double value, double min, double max) => Max(Min(value, max), min);

    /// <summary>The number of set bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int PopCount(int value) => System.Numerics.BitOperations.PopCount((uint)value);

    /// <summary>The number of zero bits above the highest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int LeadingZeroCount(int value) => System.Numerics.BitOperations.LeadingZeroCount((uint)value);

    /// <summary>The number of zero bits below the lowest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int TrailingZeroCount(int value) => System.Numerics.BitOperations.TrailingZeroCount(value);

    /// <summary>The number of set bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int PopCount(uint value) => System.Numerics.BitOperations.PopCount(value);

    /// <summary>The number of zero bits above the highest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int LeadingZeroCount(uint value) => System.Numerics.BitOperations.LeadingZeroCount(value);

    /// <summary>The number of zero bits below the lowest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int TrailingZeroCount(uint value) => System.Numerics.BitOperations.TrailingZeroCount(value);

    /// <summary>The number of set bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int PopCount(long value) => System.Numerics.BitOperations.PopCount((ulong)value);

    /// <summary>The number of zero bits above the highest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int LeadingZeroCount(long value) => System.Numerics.BitOperations.LeadingZeroCount((ulong)value);

    /// <summary>The number of zero bits below the lowest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int TrailingZeroCount(long value) => System.Numerics.BitOperations.TrailingZeroCount(value);

    /// <summary>The number of set bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int PopCount(ulong value) => System.Numerics.BitOperations.PopCount(value);

    /// <summary>The number of zero bits above the highest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int LeadingZeroCount(ulong value) => System.Numerics.BitOperations.LeadingZeroCount(value);

    /// <summary>The number of zero bits below the lowest set one.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The number.</returns>
    public static int TrailingZeroCount(ulong value) => System.Numerics.BitOperations.TrailingZeroCount(value);

    /// <summary>A quotient rounded down, of numbers that are not negative.</summary>
    /// <param name="numerator">The dividend.</param>
    /// <param name="denominator">The divisor.</param>
    /// <returns>The quotient.</returns>
    public static int DivRoundDown(int numerator, int denominator) => numerator / denominator;

    /// <summary>A quotient rounded up, of numbers that are not negative.</summary>
    /// <param name="numerator">The dividend.</param>
    /// <param name="denominator">The divisor.</param>
    /// <returns>The quotient.</returns>
    public static int DivRoundUp(int numerator, int denominator) => (numerator + denominator - 1) / denominator;

    /// <summary>A quotient rounded down, of numbers that are not negative.</summary>
    /// <param name="numerator">The dividend.</param>
    /// <param name="denominator">The divisor.</param>
    /// <returns>The quotient.</returns>
    public static long DivRoundDown(long numerator, long denominator) => numerator / denominator;

    /// <summary>A quotient rounded up, of numbers that are not negative.</summary>
    /// <param name="numerator">The dividend.</param>
    /// <param name="denominator">The divisor.</param>
    /// <returns>The quotient.</returns>
    public static long DivRoundUp(long numerator, long denominator) => (numerator + denominator - 1) / denominator;

    /// <summary>A number with another's sign.</summary>
    /// <param name="x">The number.</param>
    /// <param name="y">The sign.</param>
    /// <returns>The number.</returns>
    public static double CopySign(double x, double y) => Math.CopySign(x, y);

    /// <summary>A number with another's sign.</summary>
    /// <param name="x">The number.</param>
    /// <param name="y">The sign.</param>
    /// <returns>The number.</returns>
    public static float CopySign(float x, float y) => MathF.CopySign(x, y);
}
