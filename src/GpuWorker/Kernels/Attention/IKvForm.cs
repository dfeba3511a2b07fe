using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// A stored form of keys and values on a device: how eight neighbouring elements of a head (an octet) become 32-bit words and floats again.
/// Codes and scales are those of the CPU backend's cache, bit for bit; only their places differ (<see cref="DeviceKvLayout"/>).
/// </summary>
internal interface IKvForm
{
    /// <summary>Whether every 32 elements have a scale.</summary>
    static abstract bool HasScales { get; }

    /// <summary>Reads an octet.</summary>
    /// <param name="words">Words of all keys or values of a layer; aligned to 32 bytes.</param>
    /// <param name="octet">Which octet.</param>
    /// <param name="scale">The block's scale; not read without scales.</param>
    static abstract Octet Load(ArrayView<int> words, int octet, float scale);

    /// <summary>Writes an octet.</summary>
    /// <param name="words">Words of all keys or values of a layer.</param>
    /// <param name="octet">Which octet.</param>
    /// <param name="values">Elements.</param>
    /// <param name="inverse">See <see cref="Inverse"/>.</param>
    /// <param name="zero">See <see cref="Rounding"/>.</param>
    static abstract void Store(ArrayView<int> words, int octet, Octet values, float inverse, int zero);

    /// <summary>The block's scale as it is stored: a half's bits.</summary>
    /// <param name="extreme">The element largest in size, the first of equals, with its sign.</param>
    static abstract int Scale(float extreme);

    /// <summary>What elements are multiplied with to become codes.</summary>
    /// <param name="extreme">The element largest in size, the first of equals, with its sign.</param>
    static abstract float Inverse(float extreme);
}
