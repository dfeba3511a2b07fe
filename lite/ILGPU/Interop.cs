using System.Runtime.CompilerServices;

namespace ILGPU;

/// <summary>Sizes and bit patterns.</summary>
public static class Interop
{
    /// <summary>The size of a type in bytes.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <returns>The size.</returns>
    public static int SizeOf<T>()
        where T : unmanaged
        => Unsafe.SizeOf<T>();

    /// <summary>The bits of a half.</summary>
    /// <param name="value">The half.</param>
    /// <returns>The bits.</returns>
    public static ushort FloatAsInt(Half value) => value.RawValue;

    /// <summary>The bits of a float.</summary>
    /// <param name="value">The float.</param>
    /// <returns>The bits.</returns>
    public static uint FloatAsInt(float value) => BitConverter.SingleToUInt32Bits(value);

    /// <summary>The bits of a double.</summary>
    /// <param name="value">The double.</param>
    /// <returns>The bits.</returns>
    public static ulong FloatAsInt(double value) => BitConverter.DoubleToUInt64Bits(value);

    /// <summary>The half of some bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The half.</returns>
    public static Half IntAsFloat(ushort value) => new(value);

    /// <summary>The float of some bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The float.</returns>
    public static float IntAsFloat(uint value) => BitConverter.UInt32BitsToSingle(value);

    /// <summary>The double of some bits.</summary>
    /// <param name="value">The bits.</param>
    /// <returns>The double.</returns>
    public static double IntAsFloat(ulong value) => BitConverter.UInt64BitsToDouble(value);
}
