using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;

namespace Winnow.GpuWorker.Tests.Kernels;

/// <summary>Which kernels attend, as the log says it.</summary>
public sealed class AttentionOpTests
{
    [Theory]
    [InlineData("Tensor", 128, KvType.Q8_0, "tensor cores, heads of 128 elements in q8_0")]
    [InlineData("Tensor", 256, KvType.F16, "portable kernels, heads of 256 elements in f16: tensor cores take heads of 64, 96 or 128 elements in f16, q8_0 or q4_0")]
    [InlineData("Tensor", 64, KvType.F32, "portable kernels, heads of 64 elements in f32: tensor cores take heads of 64, 96 or 128 elements in f16, q8_0 or q4_0")]
    [InlineData("Dp4a", 64, KvType.F16, "portable kernels, heads of 64 elements in f16")]
    public void Describe_AVariantAndACache_NamesTheKernelsAndWhy(string variant, int headSize, KvType type, string expected)
    {
        DeviceKvLayout layout = new(layers: 1, kvHeads: 1, headSize, blockTokens: 16, blockCount: 1, scratchTokens: 0, type);

        Assert.Equal(expected, AttentionOp.Describe(Enum.Parse<KernelVariant>(variant), layout));
    }
}
