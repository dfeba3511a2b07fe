using System.Runtime.CompilerServices;
using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Halves, which tensor cores take as they are: one load of 16 bytes an octet.</summary>
internal readonly struct HalfTile : ITileForm
{
    /// <inheritdoc/>
    public static bool HasScales => false;

    /// <inheritdoc/>
    public static int WeightBits => 15;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(ArrayView<int> words, int octet) => words.Cast<Quad>()[octet];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Widen(Quad loaded) => loaded;
}
