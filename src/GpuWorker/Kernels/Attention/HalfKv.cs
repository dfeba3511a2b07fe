using ILGPU;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>IEEE halves, rounded to nearest even and cut off at the largest one: one load of 16 bytes an octet.</summary>
internal readonly struct HalfKv : IKvForm
{
    private const float Largest = 65504f;

    /// <inheritdoc/>
    public static bool HasScales => false;

    /// <inheritdoc/>
    public static Octet Load(ArrayView<int> words, int octet, float scale)
    {
        Quad w = words.Cast<Quad>()[octet];
        FloatQuad low = new(Low(w.X), High(w.X), Low(w.Y), High(w.Y));
        FloatQuad high = new(Low(w.Z), High(w.Z), Low(w.W), High(w.W));
        return new Octet(low, high);
    }

    /// <inheritdoc/>
    public static void Store(ArrayView<int> words, int octet, Octet values, float inverse, int zero) => words.Cast<Quad>()[octet] = new Quad(
        Pack(values.Low.X, values.Low.Y),
        Pack(values.Low.Z, values.Low.W),
        Pack(values.High.X, values.High.Y),
        Pack(values.High.Z, values.High.W));

    /// <inheritdoc/>
    public static int Scale(float extreme) => 0;

    /// <inheritdoc/>
    public static float Inverse(float extreme) => 0f;

    // What lies above the low 16 bits is shifted out.
    private static float Low(int word) => KernelMath.WidenHalf(word);

    private static float High(int word) => KernelMath.WidenHalf(word >> 16);

    private static int Pack(float low, float high) => KernelMath.NarrowHalf(Cut(low)) | (KernelMath.NarrowHalf(Cut(high)) << 16);

    private static float Cut(float value)
    {
        float cut = value > Largest ? Largest : value;
        return cut < -Largest ? -Largest : cut;
    }
}
