using ILGPU;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>
/// Purpose: bias, bans and penalties of single tokens, in the order of docs/sampling.md.
/// Formula: l += bias; l = -infinity if banned; l = l / r if l is positive, else l r, for seen tokens; l -= count f, then l -= p, where count is above 0.
/// Shapes: logits rows x V, in place; a list of edits over all rows.
/// Layout: rows of floats with any stride; edits of 20 bytes.
/// Launch: a thread for each edit.
/// Cost: the list and 8 bytes an edit, wherever they lie; no local memory.
/// Numerics: float32, every operation rounded by itself: the CPU's bits.
/// </summary>
/// <remarks>
/// v1: portable; not measured: no device.
/// </remarks>
internal static class LogitEditKernel
{
    /// <summary>One edit.</summary>
    [Kernel("logits_edit_f32")]
    public static void Run(LogitEditArguments a)
    {
        int index = (Grid.IdxX * Group.DimX) + Group.IdxX;
        if (index >= a.Count)
        {
            return;
        }
        LogitEdit edit = a.Edits[index];
        LogitPenalties penalties = a.Penalties[edit.Row];
        int at = (edit.Row * a.Stride) + edit.Token;
        float logit = a.Logits[at];
        if ((edit.Flags & LogitEdit.HasBias) != 0)
        {
            logit += edit.Bias;
        }
        if ((edit.Flags & LogitEdit.Banned) != 0)
        {
            logit = float.NegativeInfinity;
        }
        if ((edit.Flags & LogitEdit.Seen) != 0)
        {
            logit = logit > 0f ? logit / penalties.Repetition : Rounding.Own(logit * penalties.Repetition, a.Zero);
            if (edit.Count > 0)
            {
                logit -= Rounding.Own(edit.Count * penalties.Frequency, a.Zero);
                logit -= penalties.Presence;
            }
        }
        a.Logits[at] = logit;
    }
}
