namespace Winnow.Kernels.Suite;

/// <summary>A theory that needs the project's device and is skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test where there is no device.</summary>
    public KernelTheoryAttribute()
    {
        Skip = KernelDevice.Current.SkipReason;
    }
}
