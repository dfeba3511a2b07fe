namespace Winnow.GpuWorker.Kernels;

/// <summary>
/// Marks the entry point of a kernel: a static method that is launched with explicit groups. The rules of
/// docs/decisions/005-ilgpu-kernel-subset.md are checked for every marked method and all it calls, and in the full build its PTX is
/// made and checked. A generic kernel carries the attribute once for each list of type arguments that the worker launches.
/// </summary>
/// <param name="name">The kernel's name, <c>op_in_weight_out</c>, such as <c>matmul_q8_q4k_f32</c>.</param>
/// <param name="typeArguments">The type arguments of a generic kernel, in order; none for a kernel that is not generic.</param>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class KernelAttribute(string name, params Type[] typeArguments) : Attribute
{
    /// <summary>The kernel's name, unique among kernels.</summary>
    public string Name { get; } = name;

    /// <summary>The type arguments that the method is closed over; empty for a kernel that is not generic.</summary>
    public Type[] TypeArguments { get; } = typeArguments;

    /// <summary>
    /// Whether the kernel must read global memory by instructions of 16 bytes; default false. The PTX check fails where it does not.
    /// </summary>
    public bool WideLoads { get; init; }

    /// <summary>Whether the kernel multiplies on tensor cores; default false. The PTX check fails where it does not.</summary>
    public bool TensorCores { get; init; }

    /// <summary>
    /// Bytes of local memory that the kernel's PTX may index at run time; default 0. Operands of inline PTX, which pass through local memory in
    /// the text and not on the device, do not count.
    /// </summary>
    public int LocalBytes { get; init; }
}
