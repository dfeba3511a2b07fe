using System.Globalization;

namespace Winnow.Kernels.Ptx.Tests.Machine;

/// <summary>A type of PTX, such as <c>u32</c>, and how its values lie in 64 bits.</summary>
/// <param name="Kind"><c>s</c>, <c>u</c>, <c>b</c>, <c>f</c> or <c>p</c> for predicates.</param>
/// <param name="Bits">The width.</param>
internal readonly record struct PtxType(char Kind, int Bits)
{
    public int Bytes => Bits / 8;

    public bool IsFloat => Kind == 'f';

    public ulong Mask => Bits == 64 ? ulong.MaxValue : (1UL << Bits) - 1;

    /// <summary>Reads a type's name; null where it is none.</summary>
    public static PtxType? Parse(string name) => name == "pred" ? new PtxType('p', 1)
        : name.Length > 1 && "subf".Contains(name[0], StringComparison.Ordinal) && int.TryParse(name.AsSpan(1), CultureInfo.InvariantCulture, out int bits)
            ? new PtxType(name[0], bits)
            : null;

    /// <summary>A register's integer as a signed number, or as an unsigned one in the positive half.</summary>
    public Int128 Integer(ulong register)
    {
        ulong value = register & Mask;
        return Kind == 's' && (value >> (Bits - 1)) != 0 ? (Int128)value - ((Int128)1 << Bits) : value;
    }

    /// <summary>A register's signed integer.</summary>
    public long Signed(ulong register) => (long)(register << (64 - Bits)) >> (64 - Bits);

    /// <summary>A register's float as a double, which holds it exactly.</summary>
    public double Float(ulong register) => Bits switch
    {
        16 => (double)BitConverter.UInt16BitsToHalf((ushort)register),
        32 => BitConverter.UInt32BitsToSingle((uint)register),
        _ => BitConverter.UInt64BitsToDouble(register),
    };

    /// <summary>An integer's low bits.</summary>
    public ulong FromInteger(Int128 value) => (ulong)(value & ulong.MaxValue) & Mask;

    /// <summary>A double rounded to the type.</summary>
    public ulong FromFloat(double value) => Bits switch
    {
        16 => BitConverter.HalfToUInt16Bits((System.Half)value),
        32 => BitConverter.SingleToUInt32Bits((float)value),
        _ => BitConverter.DoubleToUInt64Bits(value),
    };
}
