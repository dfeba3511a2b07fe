namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Four random 32-bit words.</summary>
internal struct PhiloxWords
{
    /// <summary>First word.</summary>
    public uint X0;

    /// <summary>Second word.</summary>
    public uint X1;

    /// <summary>Third word.</summary>
    public uint X2;

    /// <summary>Fourth word.</summary>
    public uint X3;

    /// <summary>The word at a place, 0 to 3.</summary>
    public readonly uint At(int place)
    {
        uint low = place == 0 ? X0 : X1;
        uint high = place == 2 ? X2 : X3;
        return place < 2 ? low : high;
    }
}
