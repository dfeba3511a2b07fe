using System.Text.Json;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Inference.Tests.Cpu;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

/// <summary>Continuations that llama.cpp gives for small random models.</summary>
public sealed class OracleTests
{
    [SharedTheory("oracles")]
    [InlineData("llama-tiny-F32", 1e-3)]
    [InlineData("llama-tiny-F32-gpt2bpe", 1e-3)]
    [InlineData("llama-tiny-F16", 5e-2)]
    [InlineData("llama-tiny-Q8_0", 0.3)]
    [InlineData("llama-tiny-Q4_0", 0.3)]
    [InlineData("qwen2-tiny-F32-bpe", 1e-3)]
    [InlineData("qwen2-tiny-Q8_0-bpe", 0.3)]
    [InlineData("qwen3-tiny-F32-bpe", 1e-3)]
    public void Greedy_OracleModel_GivesItsTokensAndLogits(string name, double tolerance)
    {
        string folder = SharedFolder.File("oracles");
        using JsonDocument oracle = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, name + ".json")));
        using ModelFile file = ModelFile.Open(Path.Combine(folder, name + ".gguf"));
        using IShard shard = new CpuBackend().LoadShard(file, new ShardOptions { KvBlockCount = 64, KvType = KvType.F32 });
        ShardDriver sut = new(shard);

        foreach (JsonElement prompt in oracle.RootElement.GetProperty("prompts").EnumerateArray())
        {
            int[] ids = prompt.GetProperty("ids").Deserialize<int[]>()!;
            int[] expected = prompt.GetProperty("greedy").Deserialize<int[]>()!;
            double[][][] best = prompt.GetProperty("top5_logits").Deserialize<double[][][]>()!;
            float[] logits = sut.LastLogits(ids, 0);
            for (int step = 0; step < expected.Length; step++)
            {
                foreach (double[] pair in best[step])
                {
                    Assert.True(
                        Math.Abs(logits[(int)pair[0]] - pair[1]) <= tolerance,
                        $"{name}, step {step}, token {pair[0]}: {logits[(int)pair[0]]} instead of {pair[1]}");
                }
                Assert.Equal(expected[step], Array.IndexOf(logits, logits.Max()));
                logits = sut.LastLogits([expected[step]], ids.Length + step);
            }
        }
    }
}
