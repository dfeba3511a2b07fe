using Winnow.Inference.Cache;

namespace Winnow.Inference.Cpu.Emitted;

/// <summary>The operations of a processor for which panel products and attention are emitted.</summary>
internal sealed class EmittedKernels() : LaneKernels<Lanes512, EmittedPanelDot>("avx512-vnni")
{
    /// <inheritdoc/>
    public override void Attend(in AttentionQueries queries)
    {
        if (queries.HeadSize % 2 == 0 && queries.Type == KvType.F16)
        {
            LaneAttention<Lanes512, EmittedProducts<HalfElements>>.Run(queries);
        }
        else if (queries.HeadSize % 2 == 0 && queries.Type == KvType.F32)
        {
            LaneAttention<Lanes512, EmittedProducts<FloatElements>>.Run(queries);
        }
        else
        {
            base.Attend(queries);
        }
    }
}
