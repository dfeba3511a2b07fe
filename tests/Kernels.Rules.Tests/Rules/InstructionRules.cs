using System.Reflection;
using Winnow.Kernels.Rules.Tests.Il;

namespace Winnow.Kernels.Rules.Tests.Rules;

/// <summary>What is said of instructions other than calls; the facts are those of docs/decisions/005-ilgpu-kernel-subset.md.</summary>
internal static class InstructionRules
{
    private const string Cuda = "CudaAsm";

    /// <summary>Why the instruction at an index may not be used; null where it may.</summary>
    public static string? Check(MethodText text, int index)
    {
        Instruction instruction = text.Instructions[index];
        string name = instruction.OpCode.Name!;
        return name switch
        {
            "throw" or "rethrow" or "leave" or "leave.s" or "endfinally" or "endfilter" =>
                "exceptions are not translated; check on the host, and give every switch expression a '_' arm.",
            "newarr" or "ldlen" => "arrays live in local memory or are refused; use LocalMemory.Allocate, a buffer, or fields of a struct.",
            "box" or "unbox" or "unbox.any" or "isinst" or "castclass" => "objects are not translated; use structs and generic type arguments.",
            "ldftn" or "ldvirtftn" or "calli" => "delegates and lambdas are not translated; use a struct type argument with a static abstract member.",
            "localloc" => "stackalloc is not translated; use LocalMemory.Allocate.",
            "ldtoken" => "typeof and array initialisers are not translated; use a static abstract member of the type argument.",
            "volatile." => "volatile accesses are not translated; use Atomic or MemoryFence.",
            "cpblk" or "initblk" or "jmp" or "arglist" or "mkrefany" or "refanyval" or "refanytype" or "ckfinite" => "ILGPU does not translate this instruction.",
            "stsfld" => "static fields cannot be written; write to a view.",
            "ldsfld" or "ldsflda" => CheckStaticField((FieldInfo)instruction.Operand!),
            "ldstr" => IsInlineAssembly(text, index) ? null : "strings are not translated; only CudaAsm takes one.",
            "rem" when IsFloat(text.PushedType(index - 1)) => "the remainder of floats is refused; subtract the floor of the quotient times the divisor.",
            "add" or "sub" or "mul" when JoinsConstants(text, index) =>
                "the compiler joins the two constants, which rounds otherwise; join them yourself, or put Rounding.Own between.",
            "conv.r4" or "conv.r8" => CheckFromCondition(text, index - 1),
            "conv.r.un" when text.PushedType(index - 1) is Type type && type != typeof(uint) && type != typeof(byte) && type != typeof(ushort) =>
                "a ulong is made a float with the wrong sign where it was an int; convert from long or uint.",
            _ when name.StartsWith("ldelem", StringComparison.Ordinal) || name.StartsWith("stelem", StringComparison.Ordinal) =>
                "arrays live in local memory or are refused; use LocalMemory.Allocate, a buffer, or fields of a struct.",
            _ when name.Contains(".ovf", StringComparison.Ordinal) => "nothing is checked on the device; leave 'checked' out.",
            _ => null,
        };
    }

    private static string? CheckStaticField(FieldInfo field)
    {
        if (!field.IsInitOnly && !field.IsLiteral)
        {
            return "only readonly static fields can be read; make it const or readonly, or pass it.";
        }

        return field.FieldType.IsValueType ? null : "static arrays and objects are refused; pass a buffer, or use a switch.";
    }

    /// <summary>A condition that becomes a float: the device gets the bits of the integer.</summary>
    private static string? CheckFromCondition(MethodText text, int index)
    {
        string name = index < 0 ? "" : text.Instructions[index].OpCode.Name!;
        return name.StartsWith("ldc.i4", StringComparison.Ordinal) || name.StartsWith("ceq", StringComparison.Ordinal)
            || name.StartsWith("cgt", StringComparison.Ordinal) || name.StartsWith("clt", StringComparison.Ordinal)
            ? "a condition made a float becomes the bits of the integer; write 'condition ? 1f : 0f'."
            : null;
    }

    /// <summary>An operation with a constant whose other operand is the same operation with a constant: <c>x * 3f * 5f</c>, or <c>3f * (5f * x)</c>.</summary>
    private static bool JoinsConstants(MethodText text, int index)
    {
        string name = text.Instructions[index].OpCode.Name!;
        bool isRight = IsFloatConstant(text, index - 1) && IsSame(text, index - 2, name) && (IsFloatConstant(text, index - 3) || IsFloatConstant(text, index - 4));
        bool isLeft = IsSame(text, index - 1, name) && IsFloatConstant(text, index - 3) && IsFloatConstant(text, index - 4);
        return isRight || isLeft;
    }

    private static bool IsFloatConstant(MethodText text, int index) => index >= 0 && text.Instructions[index].OpCode.Name is ("ldc.r4" or "ldc.r8");

    private static bool IsSame(MethodText text, int index, string name) => index >= 0 && text.Instructions[index].OpCode.Name == name;

    private static bool IsInlineAssembly(MethodText text, int index) => text.Instructions
        .Skip(index)
        .Any(next => next.Operand is MethodInfo { DeclaringType.Name: Cuda });

    private static bool IsFloat(Type? type) => type == typeof(float) || type == typeof(double);
}
