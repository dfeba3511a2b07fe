using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>A small model on the CPU.</summary>
internal sealed class LawCase(string subject) : LawModel(subject)
{
    public LawCase(GgmlType type)
        : this(Enum.GetName(type)!)
    {
    }

    /// <summary>Every type of weights, every architecture and every form of the KV cache.</summary>
    public static IEnumerable<string> Subjects =>
        [.. WeightDecoder.AllTypes.Select(type => Enum.GetName(type)!), .. TinyModel.All.Keys, "F32/f32", "Q8_0/q8_0", "Q8_0/q4_0", "gemma2/q4_0"];

    /// <summary>Loads the model cut at the given layers.</summary>
    public ShardDriver Load(CpuKernels? kernels = null, int threads = 1, params int[] cuts) =>
        Load(new CpuBackend(kernels ?? CpuKernels.Best), threads, cuts);
}
