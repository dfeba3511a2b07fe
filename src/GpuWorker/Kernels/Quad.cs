using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>16 bytes that a kernel loads at once: four integers, or 16 codes of a byte each.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Quad
{
    /// <summary>Bytes 0 to 3.</summary>
    public int X;

    /// <summary>Bytes 4 to 7.</summary>
    public int Y;

    /// <summary>Bytes 8 to 11.</summary>
    public int Z;

    /// <summary>Bytes 12 to 15.</summary>
    public int W;

    /// <summary>Puts four integers together.</summary>
    public Quad(int x, int y, int z, int w)
    {
        X = x;
        Y = y;
        Z = z;
        W = w;
    }
}
