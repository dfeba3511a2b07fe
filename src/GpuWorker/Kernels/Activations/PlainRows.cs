using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Rows as they are.</summary>
internal readonly struct PlainRows : IRowSource
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Begin(in PrepareArguments arguments, int row) => 0f;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Read(in PrepareArguments arguments, int row, int quad, float factor) =>
        arguments.Input[(row * arguments.InputStride) + quad];
}
