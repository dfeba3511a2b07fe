using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// A stored form of keys and values as <see cref="TileKernels"/> read it: how an octet is loaded, and how its codes become the halves that tensor cores
/// take. Codes are small integers, which halves hold exactly; scales stay floats.
/// </summary>
internal interface ITileForm
{
    /// <summary>Whether every 32 elements have a scale.</summary>
    static abstract bool HasScales { get; }

    /// <summary>
    /// Weights are at most 2 to this power: with scales, a weight times a value's scale, at most <see cref="TileKernels.MostScale"/>, is a half; without, a weight is.
    /// </summary>
    static abstract int WeightBits { get; }

    /// <summary>Loads an octet as it is stored.</summary>
    /// <param name="words">Words of all keys or values of a layer; aligned to 16 bytes.</param>
    /// <param name="octet">Which octet.</param>
    static abstract Quad Load(ArrayView<int> words, int octet);

    /// <summary>The halves of a loaded octet.</summary>
    static abstract Quad Widen(Quad loaded);
}
