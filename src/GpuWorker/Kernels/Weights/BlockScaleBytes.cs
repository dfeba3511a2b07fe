using Winnow.Inference.Cpu.Panels;

namespace Winnow.GpuWorker.Kernels.Weights;

/// <summary>Scales and minima of Q4_K as a byte each.</summary>
internal static unsafe class BlockScaleBytes
{
    /// <summary>Eight scales, then eight minima, from a block's twelve bytes.</summary>
    /// <param name="packed">The twelve bytes, which follow the block's two halves.</param>
    public static Quad Unpack(byte* packed)
    {
        Quad result = default;
        byte* bytes = (byte*)&result;
        Q4SuperFormat.ReadScales(packed - 4, (sbyte*)bytes, bytes + 8);
        return result;
    }
}
