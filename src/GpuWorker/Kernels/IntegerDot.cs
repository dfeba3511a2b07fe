using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>Dot products of codes. Integers are exact, so every implementation gives the same.</summary>
internal static class IntegerDot
{
    /// <summary>The sum of 16 products of signed bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot16<TMath>(Quad a, Quad b)
        where TMath : struct, IDeviceMath =>
        TMath.Dot4(a.X, b.X, TMath.Dot4(a.Y, b.Y, TMath.Dot4(a.Z, b.Z, TMath.Dot4(a.W, b.W, 0))));
}
