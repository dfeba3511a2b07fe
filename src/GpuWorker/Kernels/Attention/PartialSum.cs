using System.Runtime.InteropServices;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>The sum of a query's weights over one split, in units of 2^<see cref="Reference"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct PartialSum
{
    /// <summary>The split's largest score, rounded up.</summary>
    public int Reference;

    /// <summary>The sum.</summary>
    public float Sum;
}
