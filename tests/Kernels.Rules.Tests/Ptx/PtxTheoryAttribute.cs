namespace Winnow.Kernels.Rules.Tests.Ptx;

/// <summary>A theory over PTX; skipped, with the reason, in the lite build.</summary>
internal sealed class PtxTheoryAttribute : TheoryAttribute
{
    public PtxTheoryAttribute()
    {
        if (!PtxCompiler.Exists)
        {
            Skip = "the lite edition of ILGPU has no PTX backend; run with -p:Lite=false.";
        }
    }
}
