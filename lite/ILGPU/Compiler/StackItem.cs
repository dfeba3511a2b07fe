using System.Collections.Immutable;

namespace ILGPU.Compiler;

/// <summary>An entry of the evaluation stack.</summary>
/// <param name="Type">Its type as the stack knows it: small integers are <see cref="int"/>.</param>
/// <param name="Targets">For an address: the variables that it may point into; none for device memory.</param>
internal sealed record StackItem(Type Type, ImmutableHashSet<Variable> Targets)
{
    /// <summary>The variable that it was loaded from; null for what was computed.</summary>
    internal Variable? Source { get; init; }

    internal static StackItem Of(Type type) => new(Reduce(type), []);

    /// <summary>The type that the evaluation stack has for values of a type (ECMA-335, III.1.1).</summary>
    internal static Type Reduce(Type type)
    {
        Type plain = type.IsEnum ? Enum.GetUnderlyingType(type) : type;
        return Type.GetTypeCode(plain) switch
        {
            TypeCode.Boolean or TypeCode.Byte or TypeCode.SByte or TypeCode.Char or TypeCode.Int16 or TypeCode.UInt16 or TypeCode.UInt32 => typeof(int),
            TypeCode.UInt64 => typeof(long),
            _ => plain == typeof(nuint) ? typeof(nint) : plain,
        };
    }
}
