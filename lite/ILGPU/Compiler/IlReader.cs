using System.Buffers.Binary;
using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>Reads the instructions of a method body, with members and types resolved for the method's type arguments (ECMA-335, III).</summary>
internal static class IlReader
{
    private const byte TwoByteMark = 0xFE;
    private static readonly Dictionary<ushort, OpCode> OpCodesByValue = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => (ushort)code.Value);

    internal static List<IlInstruction> Read(MethodBase method, MethodBody body)
    {
        byte[] bytes = body.GetILAsByteArray()!;
        Resolver resolver = new(method);
        List<IlInstruction> instructions = [];
        int at = 0;
        while (at < bytes.Length)
        {
            int offset = at;
            ushort value = bytes[at++];
            if (value == TwoByteMark)
            {
                value = (ushort)((TwoByteMark << 8) | bytes[at++]);
            }

            OpCode code = OpCodesByValue[value];
            object? operand = ReadOperand(code, bytes, ref at, resolver);
            instructions.Add(new(offset, code, operand));
        }

        return instructions;
    }

    private static object? ReadOperand(OpCode code, byte[] bytes, ref int at, Resolver resolver)
    {
        ReadOnlySpan<byte> rest = bytes.AsSpan(at);
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                return null;
            case OperandType.ShortInlineI:
                at++;
                return code == OpCodes.Ldc_I4_S ? (sbyte)rest[0] : rest[0];
            case OperandType.ShortInlineVar:
                at++;
                return (int)rest[0];
            case OperandType.InlineVar:
                at += sizeof(ushort);
                return (int)BinaryPrimitives.ReadUInt16LittleEndian(rest);
            case OperandType.ShortInlineBrTarget:
                at++;
                return new[] { at + (sbyte)rest[0] };
            case OperandType.InlineBrTarget:
                at += sizeof(int);
                return new[] { at + BinaryPrimitives.ReadInt32LittleEndian(rest) };
            case OperandType.InlineSwitch:
                return ReadSwitch(rest, ref at);
            case OperandType.InlineI8:
                at += sizeof(long);
                return BinaryPrimitives.ReadInt64LittleEndian(rest);
            case OperandType.InlineR:
                at += sizeof(double);
                return BinaryPrimitives.ReadDoubleLittleEndian(rest);
            case OperandType.ShortInlineR:
                at += sizeof(float);
                return BinaryPrimitives.ReadSingleLittleEndian(rest);
            default:
                at += sizeof(int);
                int token = BinaryPrimitives.ReadInt32LittleEndian(rest);
                return code.OperandType == OperandType.InlineI ? token : resolver.Resolve(code.OperandType, token);
        }
    }

    private static int[] ReadSwitch(ReadOnlySpan<byte> rest, ref int at)
    {
        int count = BinaryPrimitives.ReadInt32LittleEndian(rest);
        at += sizeof(int) * (count + 1);
        int[] targets = new int[count];
        for (int i = 0; i < count; i++)
        {
            targets[i] = at + BinaryPrimitives.ReadInt32LittleEndian(rest[(sizeof(int) * (i + 1))..]);
        }

        return targets;
    }

    private sealed class Resolver(MethodBase method)
    {
        private readonly Type[] _typeArguments = method.DeclaringType?.GetGenericArguments() ?? [];
        private readonly Type[] _methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : [];

        internal object Resolve(OperandType kind, int token) => kind switch
        {
            OperandType.InlineMethod => method.Module.ResolveMethod(token, _typeArguments, _methodArguments)!,
            OperandType.InlineField => method.Module.ResolveField(token, _typeArguments, _methodArguments)!,
            OperandType.InlineType => method.Module.ResolveType(token, _typeArguments, _methodArguments),
            OperandType.InlineTok => method.Module.ResolveMember(token, _typeArguments, _methodArguments)!,
            OperandType.InlineString => method.Module.ResolveString(token),
            _ => throw new InternalCompilerException($"'{method.Name}' has an operand of kind '{kind}', which kernels cannot have; call methods directly."),
        };
    }
}
