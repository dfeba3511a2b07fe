namespace ILGPU.Runtime.Cuda;

/// <summary>NVIDIA's driver reports an error. This edition has no driver and throws none.</summary>
/// <param name="message">What is wrong.</param>
public sealed class CudaException(string message) : AcceleratorException(message, null)
{
    /// <inheritdoc/>
    public override AcceleratorType AcceleratorType => AcceleratorType.Cuda;

    /// <summary>The error's name, such as <c>CUDA_ERROR_OUT_OF_MEMORY</c>.</summary>
    public string Error { get; } = "N/A";
}
