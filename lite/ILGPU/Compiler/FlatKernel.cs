namespace ILGPU.Compiler;

/// <summary>A kernel with everything inlined that needs its lane.</summary>
/// <param name="Ops">The steps.</param>
/// <param name="Variables">The variables, by number.</param>
/// <param name="Points">Where lanes wait; the state of a lane that waits is the place in this list plus one.</param>
/// <param name="SiteCount">How many places allocate shared or local memory.</param>
/// <param name="SlotBytes">The bytes of the largest value that lanes exchange.</param>
/// <param name="UsesDynamicMemory">Whether it takes dynamic shared memory.</param>
internal sealed record FlatKernel(List<FlatOp> Ops, List<Variable> Variables, List<SuspensionPoint> Points, int SiteCount, int SlotBytes, bool UsesDynamicMemory);
