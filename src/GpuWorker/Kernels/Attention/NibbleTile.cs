using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Q4_0: codes 0 to 15 that stand for -8 to 7.</summary>
internal readonly struct NibbleTile : ITileForm
{
    /// <inheritdoc/>
    public static bool HasScales => true;

    /// <inheritdoc/>
    public static int WeightBits => 6;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(ArrayView<int> words, int octet) => new(words[octet], 0, 0, 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Widen(Quad loaded) => new(Pack(loaded.X), Pack(loaded.X >> 8), Pack(loaded.X >> 16), Pack(loaded.X >> 24));

    // Two codes u become the halves 1024 + u; 1024 + 8 are subtracted from each, in bits 1678271496.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pack(int nibbles)
    {
        int halves = (nibbles & 15) | ((nibbles << 12) & 0xF0000) | TileMath.HalfMagic;
        CudaAsm.Emit("{\n.reg .b32 %%k0;\nmov.b32 %%k0, 1678271496;\nsub.rn.f16x2 %0, %1, %%k0;\n}", out int result, halves);
        return result;
    }
}
