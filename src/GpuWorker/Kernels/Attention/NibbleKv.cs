using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Q4_0: codes 0 to 15 that stand for -8 to 7 and a scale of x / -8 of the x largest in size for every 32 elements: one load of 4 bytes an octet,
/// element i in bits 4i to 4i + 3.
/// </summary>
internal readonly struct NibbleKv : IKvForm
{
    /// <inheritdoc/>
    public static bool HasScales => true;

    /// <inheritdoc/>
    public static Octet Load(ArrayView<int> words, int octet, float scale)
    {
        int w = words[octet];
        return new Octet(Unpack(w, scale), Unpack(w >> 16, scale));
    }

    /// <inheritdoc/>
    public static void Store(ArrayView<int> words, int octet, Octet values, float inverse, int zero) =>
        words[octet] = Pack(values.Low, inverse, zero) | (Pack(values.High, inverse, zero) << 16);

    /// <inheritdoc/>
    public static int Scale(float extreme) => KernelMath.NarrowHalf(extreme / -8f);

    /// <inheritdoc/>
    public static float Inverse(float extreme)
    {
        float scale = extreme / -8f;
        return scale == 0f ? 0f : 1f / scale;
    }

    private static FloatQuad Unpack(int word, float scale) => new(
        ((word & 15) - 8) * scale, (((word >> 4) & 15) - 8) * scale, (((word >> 8) & 15) - 8) * scale, (((word >> 12) & 15) - 8) * scale);

    private static int Pack(FloatQuad x, float inverse, int zero) =>
        Code(x.X, inverse, zero) | (Code(x.Y, inverse, zero) << 4) | (Code(x.Z, inverse, zero) << 8) | (Code(x.W, inverse, zero) << 12);

    private static int Code(float value, float inverse, int zero)
    {
        float shifted = Rounding.Own(value * inverse, zero) + 8.5f;
        float limited = shifted < 0f ? 0f : shifted;
        return (int)(limited > 15f ? 15f : limited);
    }
}
