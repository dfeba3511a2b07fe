using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>activation(gate) * up.</summary>
internal readonly struct GatedRows : IRowSource
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Begin(in PrepareArguments arguments, int row) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Read(in PrepareArguments arguments, int row, int quad, float factor)
    {
        FloatQuad gate = arguments.Input[(row * arguments.InputStride) + quad];
        FloatQuad up = arguments.Second[(row * arguments.SecondStride) + quad];
        return arguments.Gelu != 0
            ? new FloatQuad(
                KernelMath.Gelu(gate.X) * up.X, KernelMath.Gelu(gate.Y) * up.Y, KernelMath.Gelu(gate.Z) * up.Z, KernelMath.Gelu(gate.W) * up.W)
            : new FloatQuad(
                KernelMath.Silu(gate.X) * up.X, KernelMath.Silu(gate.Y) * up.Y, KernelMath.Silu(gate.Z) * up.Z, KernelMath.Silu(gate.W) * up.W);
    }
}
