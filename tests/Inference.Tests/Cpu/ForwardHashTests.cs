using Winnow.Inference.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>
/// The bits of a whole forward pass, as they were when they were written down: the same on every processor, with every vector width. A change
/// here changes what every deployed model says, and needs a new kernel version.
/// </summary>
public sealed class ForwardHashTests
{
    public static TheoryData<string, string> Hashes => new()
    {
        { "F16", "81d627c64845aa46" },
        { "Q4_0", "4d91fa9166146269" },
        { "Q8_0", "10e243d74413aa9b" },
        { "Q4_K", "8aed7d19645e713a" },
        { "Q6_K", "4689fa7ebaac4400" },
        { "llama 3.1", "c1b9cbfc1004fd63" },
        { "mixtral", "97ce49a355aa4f72" },
        { "qwen3", "12198d16eed6bee7" },
        { "gemma2", "4e6bab211d624098" },
        { "gemma3", "96b3e11b33791168" },
    };

    [Theory]
    [MemberData(nameof(Hashes))]
    public void Forward_FixedModelAndTokens_GivesTheGoldenHash(string subject, string expected)
    {
        using LawCase law = new(subject);

        Assert.All(CpuKernels.Supported, kernels => Assert.Equal((kernels.Name, expected), (kernels.Name, Hash(law.Load(kernels)))));
    }

    private static string Hash(ShardDriver sut)
    {
        int[] tokens = ShardDriver.Tokens(37);
        float[] prefill = sut.Logits(sut.Chain(tokens.AsSpan(..36), 0));
        float[] decode = sut.LastLogits(tokens.AsSpan(36..), 36);
        return KernelCase.Hash([.. prefill, .. decode]);
    }
}
