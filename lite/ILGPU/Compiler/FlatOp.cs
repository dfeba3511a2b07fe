using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>One step of a kernel whose callees are inlined.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="OpCode">The instruction, where it is one.</param>
/// <param name="Operand">Its operand.</param>
internal sealed record FlatOp(FlatKind Kind, OpCode OpCode, object? Operand)
{
    /// <summary>For a suspension: the variables that are needed afterwards.</summary>
    internal List<Variable>? Live { get; set; }
}
