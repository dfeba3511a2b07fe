namespace Winnow.Kernels.Suite;

/// <summary>A fact that needs the project's device and is skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class KernelFactAttribute : FactAttribute
{
    /// <summary>Skips the test where there is no device.</summary>
    public KernelFactAttribute()
    {
        Skip = KernelDevice.Current.SkipReason;
    }
}
