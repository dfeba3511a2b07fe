using System.Runtime.InteropServices;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>The token drawn in one row.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct DrawResult
{
    /// <summary>Scaled logit plus noise; the plain logit where the temperature is 0.</summary>
    public double Score;

    /// <summary>The largest logit.</summary>
    public float Largest;

    /// <summary>Token id; of equal scores the lowest.</summary>
    public int Token;

    /// <summary>One of <see cref="DrawStatus"/>.</summary>
    public int Status;

    /// <summary>Keeps the size a multiple of 8 bytes.</summary>
    public int Unused;
}
