using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>Four floats that a kernel loads at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FloatQuad
{
    /// <summary>The first.</summary>
    public float X;

    /// <summary>The second.</summary>
    public float Y;

    /// <summary>The third.</summary>
    public float Z;

    /// <summary>The fourth.</summary>
    public float W;

    /// <summary>Puts four floats together.</summary>
    public FloatQuad(float x, float y, float z, float w)
    {
        X = x;
        Y = y;
        Z = z;
        W = w;
    }
}
