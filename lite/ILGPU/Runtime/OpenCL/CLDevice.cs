namespace ILGPU.Runtime.OpenCL;

/// <summary>An OpenCL device. This edition finds none.</summary>
public sealed class CLDevice : Device
{
    private CLDevice()
        : base(AcceleratorType.OpenCL)
    {
    }

    /// <summary>The driver's name.</summary>
    public string PlatformName { get; } = "";

    /// <summary>What the device can do.</summary>
    public CLCapabilityContext Capabilities { get; } = new();

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context)
        => throw new NotSupportedException("An OpenCL accelerator was asked for, but the lite build has only the CPU accelerator; use the full build.");
}
