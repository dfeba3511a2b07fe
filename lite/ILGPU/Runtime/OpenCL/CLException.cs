namespace ILGPU.Runtime.OpenCL;

/// <summary>An OpenCL driver reports an error. This edition has no driver and throws none.</summary>
/// <param name="errorCode">The error.</param>
public sealed class CLException(CLError errorCode) : AcceleratorException(errorCode.ToString(), null)
{
    /// <inheritdoc/>
    public override AcceleratorType AcceleratorType => AcceleratorType.OpenCL;

    /// <summary>The error.</summary>
    public CLError Error { get; } = errorCode;
}
