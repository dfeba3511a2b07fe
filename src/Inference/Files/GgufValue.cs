using System.Collections;
using System.Globalization;

namespace Winnow.Inference.Files;

/// <summary>A metadata value.</summary>
/// <param name="Type">Its type.</param>
/// <param name="ElementType">Type of the elements of an array; null for other values.</param>
/// <param name="Value">The .NET value: byte to ulong, float, double, bool, string, or an array of one of these.</param>
public sealed record GgufValue(GgufValueType Type, GgufValueType? ElementType, object Value)
{
    /// <summary>The type for people, such as <c>Array of String</c>.</summary>
    public string TypeName => ElementType is null ? Type.ToString() : $"{Type} of {ElementType}";

    /// <summary>The value for error messages; arrays by their length alone.</summary>
    internal string ForMessages => Value is Array array
        ? $"{array.Length} elements"
        : string.Create(CultureInfo.InvariantCulture, $"{Value}");

    /// <summary>Whether another value is of the same type and equal, arrays element by element.</summary>
    internal bool HasSameValue(GgufValue other) => Type == other.Type && ElementType == other.ElementType
        && (Value is Array array ? StructuralComparisons.StructuralEqualityComparer.Equals(array, other.Value) : Value.Equals(other.Value));

    /// <summary>The value of any of the integer types; null for other types.</summary>
    internal static Int128? ToInteger(object value) => value switch
    {
        byte number => number,
        sbyte number => number,
        ushort number => number,
        short number => number,
        uint number => number,
        int number => number,
        ulong number => number,
        long number => number,
        _ => null,
    };
}
