using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Fetching.Tests.Support;

/// <summary>A GGUF file of some megabytes that holds tensors of random bytes and nothing that computes.</summary>
internal static class BigModel
{
    public const int TensorBytes = 3 << 20;

    /// <summary>The file's bytes: tensors <c>blk.0.weight</c> and so on of 3 MiB each.</summary>
    public static byte[] Build(int tensors, int seed = 1)
    {
        GgufBuilder builder = new GgufBuilder().Set("general.architecture", "llama");
        Random random = new(seed);
        for (int i = 0; i < tensors; i++)
        {
            byte[] data = new byte[TensorBytes];
            random.NextBytes(data);
            builder.Tensor($"blk.{i}.weight", GgmlType.I8, [TensorBytes], data);
        }
        return builder.ToBytes();
    }

    /// <summary>Asserts that a tensor has the bytes that the file has.</summary>
    public static void AssertTensor(byte[] file, ModelFile model, int tensor)
    {
        GgufTensor found = model.GetTensor($"blk.{tensor}.weight");

        Assert.True(model.GetData(found).SequenceEqual(file.AsSpan((int)found.Offset, (int)found.ByteLength)));
    }
}
