using System.Runtime.CompilerServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>Shifts, multiplications and additions: for every device.</summary>
internal readonly struct PortableMath : IDeviceMath
{
    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Dot4(int a, int b, int sum) =>
        sum + ((a << 24 >> 24) * (b << 24 >> 24)) + ((a << 16 >> 24) * (b << 16 >> 24))
        + ((a << 8 >> 24) * (b << 8 >> 24)) + ((a >> 24) * (b >> 24));

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fma(float a, float b, float c) => (a * b) + c;
}
