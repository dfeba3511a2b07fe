using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Reflection;
using System.Reflection.Emit;

namespace Winnow.Kernels.Rules.Tests.Il;

/// <summary>Reads a method's body into instructions, with its tokens resolved for the type arguments that the method is closed over.</summary>
internal static class InstructionReader
{
    private const byte TwoByteLead = 0xfe;

    private static readonly FrozenDictionary<short, OpCode> CodesByValue = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToFrozenDictionary(code => code.Value);

    /// <summary>The instructions of a method; a <c>constrained.</c> prefix is joined to its call.</summary>
    public static IReadOnlyList<Instruction> Read(MethodBase method)
    {
        byte[] il = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        var tokens = new TokenResolver(method);
        var instructions = new List<Instruction>();
        Type? constrained = null;
        for (int at = 0; at < il.Length;)
        {
            int offset = at;
            short value = il[at++];
            if (value == TwoByteLead)
            {
                value = (short)((TwoByteLead << 8) | il[at++]);
            }

            OpCode code = CodesByValue[value];
            object? operand = ReadOperand(code, il, ref at, tokens);
            if (code == OpCodes.Constrained)
            {
                constrained = (Type)operand!;
                continue;
            }

            instructions.Add(new Instruction(offset, code, operand, constrained));
            constrained = null;
        }

        return instructions;
    }

    private static object? ReadOperand(OpCode code, byte[] il, ref int at, TokenResolver tokens)
    {
        ReadOnlySpan<byte> rest = il.AsSpan(at);
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                return null;
            case OperandType.ShortInlineI:
                at++;
                return (int)(sbyte)rest[0];
            case OperandType.ShortInlineVar:
                at++;
                return (int)rest[0];
            case OperandType.ShortInlineBrTarget:
                at++;
                return at + (sbyte)rest[0];
            case OperandType.InlineVar:
                at += 2;
                return (int)BinaryPrimitives.ReadUInt16LittleEndian(rest);
            case OperandType.InlineBrTarget:
                at += 4;
                return at + BinaryPrimitives.ReadInt32LittleEndian(rest);
            case OperandType.InlineI:
                at += 4;
                return BinaryPrimitives.ReadInt32LittleEndian(rest);
            case OperandType.ShortInlineR:
                at += 4;
                return BinaryPrimitives.ReadSingleLittleEndian(rest);
            case OperandType.InlineI8:
                at += 8;
                return BinaryPrimitives.ReadInt64LittleEndian(rest);
            case OperandType.InlineR:
                at += 8;
                return BinaryPrimitives.ReadDoubleLittleEndian(rest);
            case OperandType.InlineSwitch:
                int targets = BinaryPrimitives.ReadInt32LittleEndian(rest);
                at += 4 + (4 * targets);
                return targets;
            default:
                at += 4;
                return tokens.Resolve(code.OperandType, BinaryPrimitives.ReadInt32LittleEndian(rest));
        }
    }
}
