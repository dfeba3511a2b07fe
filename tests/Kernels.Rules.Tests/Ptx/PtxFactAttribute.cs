namespace Winnow.Kernels.Rules.Tests.Ptx;

/// <summary>A test that makes PTX; skipped, with the reason, in the lite build.</summary>
internal sealed class PtxFactAttribute : FactAttribute
{
    public PtxFactAttribute()
    {
        if (!PtxCompiler.Exists)
        {
            Skip = "the lite edition of ILGPU has no PTX backend; run with -p:Lite=false.";
        }
    }
}
