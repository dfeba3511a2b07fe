using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Kernels;

/// <summary>8 bytes that a kernel loads at once.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Pair
{
    /// <summary>Bytes 0 to 3.</summary>
    public int X;

    /// <summary>Bytes 4 to 7.</summary>
    public int Y;

    /// <summary>Puts two integers together.</summary>
    public Pair(int x, int y)
    {
        X = x;
        Y = y;
    }
}
