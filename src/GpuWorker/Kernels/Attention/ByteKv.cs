using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Q8_0: signed bytes and a scale of max|x| / 127 for every 32 elements: one load of 8 bytes an octet.</summary>
internal readonly struct ByteKv : IKvForm
{
    private const float Largest = 127f;

    /// <inheritdoc/>
    public static bool HasScales => true;

    /// <inheritdoc/>
    public static Octet Load(ArrayView<int> words, int octet, float scale)
    {
        Pair w = words.Cast<Pair>()[octet];
        return new Octet(Unpack(w.X, scale), Unpack(w.Y, scale));
    }

    /// <inheritdoc/>
    public static void Store(ArrayView<int> words, int octet, Octet values, float inverse, int zero) =>
        words.Cast<Pair>()[octet] = new Pair(Pack(values.Low, inverse, zero), Pack(values.High, inverse, zero));

    /// <inheritdoc/>
    public static int Scale(float extreme) => KernelMath.NarrowHalf(Size(extreme) / Largest);

    /// <inheritdoc/>
    public static float Inverse(float extreme) => extreme == 0f ? 0f : Largest / Size(extreme);

    private static FloatQuad Unpack(int word, float scale) => new(
        ((word << 24) >> 24) * scale, ((word << 16) >> 24) * scale, ((word << 8) >> 24) * scale, (word >> 24) * scale);

    private static int Pack(FloatQuad x, float inverse, int zero) =>
        Code(x.X, inverse, zero) | (Code(x.Y, inverse, zero) << 8) | (Code(x.Z, inverse, zero) << 16) | (Code(x.W, inverse, zero) << 24);

    private static int Code(float value, float inverse, int zero) => KernelMath.RoundToByte(Rounding.Own(value * inverse, zero)) & 0xFF;

    private static float Size(float x) => x < 0f ? -x : x;
}
