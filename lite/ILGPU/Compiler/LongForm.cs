using System.Reflection.Emit;

namespace ILGPU.Compiler;

/// <summary>The jumps that reach any distance, for those of a short one.</summary>
internal static class LongForm
{
    private static readonly Dictionary<OpCode, OpCode> Forms = new()
    {
        [OpCodes.Br_S] = OpCodes.Br,
        [OpCodes.Brfalse_S] = OpCodes.Brfalse,
        [OpCodes.Brtrue_S] = OpCodes.Brtrue,
        [OpCodes.Beq_S] = OpCodes.Beq,
        [OpCodes.Bge_S] = OpCodes.Bge,
        [OpCodes.Bgt_S] = OpCodes.Bgt,
        [OpCodes.Ble_S] = OpCodes.Ble,
        [OpCodes.Blt_S] = OpCodes.Blt,
        [OpCodes.Bne_Un_S] = OpCodes.Bne_Un,
        [OpCodes.Bge_Un_S] = OpCodes.Bge_Un,
        [OpCodes.Bgt_Un_S] = OpCodes.Bgt_Un,
        [OpCodes.Ble_Un_S] = OpCodes.Ble_Un,
        [OpCodes.Blt_Un_S] = OpCodes.Blt_Un,
    };

    internal static OpCode Of(OpCode code) => Forms.GetValueOrDefault(code, code);
}
