namespace ILGPU.Compiler;

/// <summary>Marks a call that gives shared or local memory, which belongs to the place in the code.</summary>
/// <param name="allocate">The method of <see cref="Execution.KernelMemory"/> that takes the operands, the group, the lane and the number of the place.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class MemorySiteAttribute(string allocate) : Attribute
{
    internal string Allocate => allocate;
}
