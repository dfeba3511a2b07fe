using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace ILGPU.Compiler;

/// <summary>One instruction of a method body.</summary>
/// <param name="Offset">Its place.</param>
/// <param name="OpCode">What it does.</param>
/// <param name="Operand">On what: a number, a member, a type, a text, or the offsets it branches to.</param>
internal sealed record IlInstruction(int Offset, OpCode OpCode, object? Operand)
{
    internal ILOpCode Code => (ILOpCode)(ushort)OpCode.Value;
}
