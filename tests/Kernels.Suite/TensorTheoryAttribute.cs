namespace Winnow.Kernels.Suite;

/// <summary>A theory that needs the project's device and its tensor cores, and is skipped, with the reason, where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TensorTheoryAttribute : TheoryAttribute
{
    /// <summary>Skips the test where there are no tensor cores.</summary>
    public TensorTheoryAttribute()
    {
        Skip = Reason;
    }

    /// <summary>Why such tests are skipped; null where they run.</summary>
    internal static string? Reason => KernelDevice.Current.SkipReason
        ?? (KernelDevice.Current.HasTensorCores ? null : "the device has no tensor cores that kernels use; CUDA of capability 8.0 or newer has.");
}
