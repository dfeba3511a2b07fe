namespace Winnow.Kernels.Suite;

/// <summary>A fact that needs the project's device and its tensor cores, and is skipped, with the reason, where there are none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TensorFactAttribute : FactAttribute
{
    /// <summary>Skips the test where there are no tensor cores.</summary>
    public TensorFactAttribute()
    {
        Skip = TensorTheoryAttribute.Reason;
    }
}
