namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Eight neighbouring elements of a head.</summary>
/// <param name="low">Elements 0 to 3.</param>
/// <param name="high">Elements 4 to 7.</param>
internal struct Octet(FloatQuad low, FloatQuad high)
{
    /// <summary>Elements 0 to 3.</summary>
    public FloatQuad Low = low;

    /// <summary>Elements 4 to 7.</summary>
    public FloatQuad High = high;
}
