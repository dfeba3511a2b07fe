namespace ILGPU.Runtime.OpenCL;

/// <summary>What an OpenCL device can do.</summary>
public sealed class CLCapabilityContext
{
    internal CLCapabilityContext()
    {
    }

    /// <summary>Pointers need not say which memory they point to.</summary>
    public bool GenericAddressSpace { get; }
}
