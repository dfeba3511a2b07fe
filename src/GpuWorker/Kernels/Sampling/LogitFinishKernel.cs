using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: what follows the head's product: its bias is added and logits are capped.
/// Formula: l = l + b; l = cap tanh(l / cap).
/// Shapes: logits rows x V, in place; bias V or none.
/// Layout: rows of floats with any stride.
/// Launch: a thread for each logit of a row in pieces of 4,096; a group for each piece.
/// Cost: 8 bytes and about 25 FLOPs a logit; no local memory.
/// Numerics: float32; tanh within 2e-7; every logit by itself.
/// </summary>
/// <remarks>
/// v1: portable; not measured: no device.
/// </remarks>
internal static class LogitFinishKernel
{
    /// <summary>Logits of a group.</summary>
    public const int PieceTokens = 4096;

    /// <summary>One piece of one row.</summary>
    [Kernel("logits_finish_f32")]
    public static void Run(LogitFinishArguments a)
    {
        int pieces = (a.Vocabulary + PieceTokens - 1) / PieceTokens;
        int row = Grid.IdxX / pieces;
        int first = Grid.IdxX % pieces * PieceTokens;
        int end = first + PieceTokens < a.Vocabulary ? first + PieceTokens : a.Vocabulary;
        for (int token = first + Group.IdxX; token < end; token += Group.DimX)
        {
            int at = (row * a.Stride) + token;
            float logit = a.Logits[at];
            if (a.HasBias != 0)
            {
                logit += a.Bias[token];
            }
            if (a.Cap > 0f)
            {
                logit = KernelMath.Tanh(logit * a.Inverse) * a.Cap;
            }
            a.Logits[at] = logit;
        }
    }
}
