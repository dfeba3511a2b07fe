using ILGPU;

namespace Winnow.GpuWorker.Kernels.Sampling;

/// <summary>Keys of logits: a part is <see cref="CandidateKernels.PartTokens"/> neighbouring tokens of a row.</summary>
internal readonly struct LogitKeys : ICandidateSource
{
    /// <inheritdoc/>
    public static int Count(CandidateArguments a, CandidateAsk ask, int part)
    {
        int left = a.Vocabulary - (part * CandidateKernels.PartTokens);
        return left < CandidateKernels.PartTokens ? left : CandidateKernels.PartTokens;
    }

    /// <inheritdoc/>
    public static ulong Key(CandidateArguments a, CandidateAsk ask, int part, int index)
    {
        int token = (part * CandidateKernels.PartTokens) + index;
        float logit = a.Logits[(ask.Row * a.Stride) + token];
        // -0 and 0 are equal logits.
        uint bits = logit == 0f ? 0u : Interop.FloatAsInt(logit);
        uint ascending = (bits & 0x80000000u) != 0 ? ~bits : bits | 0x80000000u;
        return logit > float.NegativeInfinity ? ((ulong)~ascending << 32) | (uint)token : ulong.MaxValue;
    }
}
