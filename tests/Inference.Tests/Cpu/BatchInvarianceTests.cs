using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>The law: a row's bits depend on its tokens and positions alone.</summary>
public sealed class BatchInvarianceTests : IDisposable
{
    private const int Prompt = 33;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(GgmlType.F32)]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q8_0)]
    [InlineData(GgmlType.Q4_0)]
    public void Forward_PromptInAnyChunks_GivesTheSameBits(GgmlType type)
    {
        using GgufFile file = GgufFile.Open(new TinyLlama { WeightType = type }.Write(_folder));
        int[] tokens = Tokens(Prompt);
        using IShard shard = Load(file);
        ShardDriver sut = new(shard);
        float[] whole = sut.Chain(tokens, 0);

        for (int chunk = 1; chunk < Prompt; chunk++)
        {
            List<float> parts = [];
            for (int at = 0; at < Prompt; at += chunk)
            {
                parts.AddRange(sut.Chain(tokens.AsSpan(at, Math.Min(chunk, Prompt - at)), at));
            }
            Bits.AssertEqual(whole, [.. parts], $"chunks of {chunk}");
        }
    }

    private static IShard Load(GgufFile file) =>
        new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 64, ContextTokens = 64 });

    private static int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(i => ((i * 7919) + 13) % 256)];
}
