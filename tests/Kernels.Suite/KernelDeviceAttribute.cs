namespace Winnow.Kernels.Suite;

/// <summary>Names the device of a test project.</summary>
/// <param name="device">A <see cref="KernelDevice"/> with a public constructor without parameters.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class KernelDeviceAttribute(Type device) : Attribute
{
    /// <summary>Its class.</summary>
    public Type Device { get; } = device;
}
