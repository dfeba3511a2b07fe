using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Q8_0: signed bytes.</summary>
internal readonly struct ByteTile : ITileForm
{
    /// <inheritdoc/>
    public static bool HasScales => true;

    /// <inheritdoc/>
    public static int WeightBits => 6;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Load(ArrayView<int> words, int octet)
    {
        Pair w = words.Cast<Pair>()[octet];
        return new Quad(w.X, w.Y, 0, 0);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Quad Widen(Quad loaded)
    {
        int low = loaded.X ^ unchecked((int)0x80808080);
        int high = loaded.Y ^ unchecked((int)0x80808080);
        return new Quad(Pack(low), Pack(low >> 16), Pack(high), Pack(high >> 16));
    }

    // Two bytes u become the halves 1024 + u; 1024 + 128 are subtracted from each, in bits 1686135936.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Pack(int bytes)
    {
        int halves = (bytes & 0xFF) | ((bytes << 8) & 0xFF0000) | TileMath.HalfMagic;
        CudaAsm.Emit("{\n.reg .b32 %%k0;\nmov.b32 %%k0, 1686135936;\nsub.rn.f16x2 %0, %1, %%k0;\n}", out int result, halves);
        return result;
    }
}
