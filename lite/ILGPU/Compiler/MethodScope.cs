using System.Reflection;
using System.Reflection.Metadata;

namespace ILGPU.Compiler;

/// <summary>A method that is being inlined.</summary>
/// <param name="Method">The method.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Locals">Its locals.</param>
/// <param name="Result">Where its result goes; null for none.</param>
/// <param name="End">Where it returns to; null for the kernel itself.</param>
/// <param name="Labels">What its jumps go to, by offset.</param>
internal sealed record MethodScope(MethodBase Method, Variable[] Arguments, Variable[] Locals, Variable? Result, FlatLabel? End, Dictionary<int, FlatLabel> Labels)
{
    /// <summary>The variable that an instruction is about; null where it is about none.</summary>
    internal Variable? VariableOf(IlInstruction instruction) => instruction.Code switch
    {
        >= ILOpCode.Ldarg_0 and <= ILOpCode.Ldarg_3 => Arguments[instruction.Code - ILOpCode.Ldarg_0],
        >= ILOpCode.Ldloc_0 and <= ILOpCode.Ldloc_3 => Locals[instruction.Code - ILOpCode.Ldloc_0],
        >= ILOpCode.Stloc_0 and <= ILOpCode.Stloc_3 => Locals[instruction.Code - ILOpCode.Stloc_0],
        ILOpCode.Ldarg or ILOpCode.Ldarg_s or ILOpCode.Ldarga or ILOpCode.Ldarga_s or ILOpCode.Starg or ILOpCode.Starg_s => Arguments[(int)instruction.Operand!],
        ILOpCode.Ldloc or ILOpCode.Ldloc_s or ILOpCode.Ldloca or ILOpCode.Ldloca_s or ILOpCode.Stloc or ILOpCode.Stloc_s => Locals[(int)instruction.Operand!],
        _ => null,
    };
}
