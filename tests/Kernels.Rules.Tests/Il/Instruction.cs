using System.Reflection;
using System.Reflection.Emit;

namespace Winnow.Kernels.Rules.Tests.Il;

/// <summary>One instruction of a method's body.</summary>
/// <param name="Offset">Bytes from the start of the body.</param>
/// <param name="OpCode">The operation.</param>
/// <param name="Operand">A method, field or type; a string; a number; or null. Branch targets are numbers.</param>
/// <param name="Constrained">The type of a <c>constrained.</c> prefix, or null.</param>
internal sealed record Instruction(int Offset, OpCode OpCode, object? Operand, Type? Constrained)
{
    public override string ToString() => Operand is null ? $"{OpCode.Name}" : $"{OpCode.Name} {Describe(Operand)}";

    private static string Describe(object operand) => operand switch
    {
        MethodBase method => $"{method.DeclaringType?.Name}.{method.Name}({string.Join(", ", method.GetParameters().Select(p => p.ParameterType.Name))})",
        FieldInfo field => $"{field.DeclaringType?.Name}.{field.Name}",
        Type type => type.Name,
        string text => $"\"{text}\"",
        _ => operand.ToString() ?? "",
    };
}
