using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>32-bit floats: two loads of 16 bytes an octet.</summary>
internal readonly struct FloatKv : IKvForm
{
    /// <inheritdoc/>
    public static bool HasScales => false;

    /// <inheritdoc/>
    public static Octet Load(ArrayView<int> words, int octet, float scale)
    {
        ArrayView<FloatQuad> quads = words.Cast<FloatQuad>();
        FloatQuad low = quads[2 * octet];
        FloatQuad high = quads[(2 * octet) + 1];
        return new Octet(low, high);
    }

    /// <inheritdoc/>
    public static void Store(ArrayView<int> words, int octet, Octet values, float inverse, int zero)
    {
        ArrayView<FloatQuad> quads = words.Cast<FloatQuad>();
        quads[2 * octet] = values.Low;
        quads[(2 * octet) + 1] = values.High;
    }

    /// <inheritdoc/>
    public static int Scale(float extreme) => 0;

    /// <inheritdoc/>
    public static float Inverse(float extreme) => 0f;
}
