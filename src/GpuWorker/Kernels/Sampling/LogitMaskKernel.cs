using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: only the tokens that a grammar allows can be drawn.
/// Formula: l = -infinity where the mask's bit of the token is 0.
/// Shapes: logits rows x V, in place; a list of rows, and for each a mask of all ids.
/// Layout: rows of floats with any stride; masks of 64-bit words, the lowest id lowest.
/// Launch: a group for each piece of 4,096 logits of a masked row, a thread a logit.
/// Cost: 1/8 byte read and at most 4 written a logit; no local memory.
/// Numerics: exact.
/// </summary>
/// <remarks>
/// v1: portable; not measured: no device.
/// </remarks>
internal static class LogitMaskKernel
{
    /// <summary>Logits of a group.</summary>
    public const int PieceTokens = 4096;

    /// <summary>One piece of one row.</summary>
    [Kernel("logits_mask_f32")]
    public static void Run(LogitMaskArguments a)
    {
        int pieces = (a.Vocabulary + PieceTokens - 1) / PieceTokens;
        int mask = Grid.IdxX / pieces;
        int row = a.Rows[mask];
        int first = Grid.IdxX % pieces * PieceTokens;
        int end = first + PieceTokens < a.Vocabulary ? first + PieceTokens : a.Vocabulary;
        for (int token = first + Group.IdxX; token < end; token += Group.DimX)
        {
            int id = a.FirstToken + token;
            ulong word = id >> 6 < a.Words ? a.Masks[(mask * a.Words) + (id >> 6)] : 0;
            if (((word >> (id & 63)) & 1) == 0)
            {
                a.Logits[(row * a.Stride) + token] = float.NegativeInfinity;
            }
        }
    }
}
