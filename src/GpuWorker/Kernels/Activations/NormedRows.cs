using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Root-mean-square norm: x / sqrt(mean(x^2) + epsilon) * weight.</summary>
internal readonly struct NormedRows : IRowSource
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Begin(in PrepareArguments arguments, int row) =>
        RowNorm.Factor(arguments.Input, row * arguments.InputStride, arguments.Width, arguments.Epsilon);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FloatQuad Read(in PrepareArguments arguments, int row, int quad, float factor)
    {
        FloatQuad x = arguments.Input[(row * arguments.InputStride) + quad];
        FloatQuad weight = arguments.Second[quad];
        return new FloatQuad(x.X * factor * weight.X, x.Y * factor * weight.Y, x.Z * factor * weight.Z, x.W * factor * weight.W);
    }
}
