using System.Reflection;
using System.Reflection.Emit;

namespace Winnow.Kernels.Rules.Tests.Il;

/// <summary>A method's instructions, and what little of its evaluation stack the rules ask for.</summary>
internal sealed class MethodText(MethodBase method)
{
    private readonly IList<LocalVariableInfo> _locals = method.GetMethodBody()?.LocalVariables ?? [];

    public MethodBase Method { get; } = method;

    public IReadOnlyList<Instruction> Instructions { get; } = InstructionReader.Read(method);

    public IEnumerable<Type> Locals => _locals.Select(local => local.LocalType);

    /// <summary>The type of the value that the instruction at an index leaves on the stack; null where a look at a few instructions does not tell.</summary>
    public Type? PushedType(int index)
    {
        if (index < 0)
        {
            return null;
        }

        Instruction instruction = Instructions[index];
        string name = instruction.OpCode.Name!;
        return instruction switch
        {
            { Operand: MethodInfo called } => Element(called.ReturnType),
            { Operand: FieldInfo field } => field.FieldType,
            _ when name.StartsWith("ldloc", StringComparison.Ordinal) => Element(_locals[VariableOf(instruction)].LocalType),
            _ when name.StartsWith("ldarg", StringComparison.Ordinal) => ArgumentType(VariableOf(instruction)),
            _ => OfOperation(index, name),
        };
    }

    /// <summary>Whether the expression that ends at an index is made of constants only: literals, static properties of type arguments, sizes and arithmetic on them.</summary>
    public bool IsConstant(int index) => ConstantStart(index) is not null;

    private int? ConstantStart(int index)
    {
        if (index < 0)
        {
            return null;
        }

        Instruction instruction = Instructions[index];
        string name = instruction.OpCode.Name!;
        if (name.StartsWith("ldc.", StringComparison.Ordinal) || name == "sizeof"
            || instruction.Operand is MethodInfo { IsStatic: true } called && called.GetParameters().Length == 0)
        {
            return index - 1;
        }

        if (name.StartsWith("conv.", StringComparison.Ordinal))
        {
            return ConstantStart(index - 1);
        }

        return name is "add" or "sub" or "mul" or "div" or "shl" or "shr" or "rem" && ConstantStart(index - 1) is int left ? ConstantStart(left) : null;
    }

    private Type? OfOperation(int index, string name) => name switch
    {
        "ldc.r4" or "conv.r4" or "ldind.r4" => typeof(float),
        "ldc.r8" or "conv.r8" or "ldind.r8" => typeof(double),
        "conv.u8" => typeof(ulong),
        "conv.i8" or "ldc.i8" or "ldind.i8" => typeof(long),
        "conv.u4" or "ldind.u4" => typeof(uint),
        "ldobj" => (Type)Instructions[index].Operand!,
        "shl" or "shr" or "shr.un" => PushedType(index - 2),
        "dup" or "neg" or "not" or "add" or "sub" or "mul" or "div" or "rem" or "div.un" or "rem.un" or "and" or "or" or "xor" => PushedType(index - 1),
        _ => null,
    };

    private Type? ArgumentType(int argument)
    {
        if (!Method.IsStatic)
        {
            if (argument == 0)
            {
                return Method.DeclaringType;
            }

            argument--;
        }

        return Element(Method.GetParameters()[argument].ParameterType);
    }

    private static int VariableOf(Instruction instruction)
    {
        string name = instruction.OpCode.Name!;
        return char.IsAsciiDigit(name[^1]) ? name[^1] - '0' : (int)instruction.Operand!;
    }

    private static Type Element(Type type) => type.IsByRef ? type.GetElementType()! : type;
}
