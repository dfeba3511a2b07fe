namespace ILGPU.Execution;

/// <summary>The bodies of what the compiler replaces.</summary>
internal static class KernelOnly
{
    internal static InvalidKernelOperationException Outside()
        => new("A lane's place, a barrier, a shuffle or shared memory was asked for outside of a kernel; only kernels and what they call directly may.");
}
