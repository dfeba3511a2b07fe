namespace ILGPU.Runtime.CPU;

/// <summary>A kernel broke a rule: an index outside a view, lanes of a group at different barriers, too much shared memory.</summary>
internal sealed class CPUKernelException(string message, Exception? innerException = null) : AcceleratorException(message, innerException)
{
    public override AcceleratorType AcceleratorType => AcceleratorType.CPU;
}
