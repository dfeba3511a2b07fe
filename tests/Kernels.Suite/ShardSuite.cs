using System.Runtime.InteropServices;
using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>Whole models on the device: near the CPU backend's logits, and rows that depend on nothing but their own past.</summary>
public abstract class ShardSuite : KernelSuite
{
    // A device takes no longer for more; the CPU accelerator does.
    private static readonly int GreedyTokens = Accelerator.AcceleratorType == AcceleratorType.CPU ? 8 : 59;

    /// <summary>The device as a worker has it.</summary>
    protected static DeviceBackend Backend { get; } = new([Accelerator], Description);

    private static DeviceDescription Description => new()
    {
        Choice = new DeviceChoice(DeviceKind.IlgpuCpu),
        Model = "test",
        MemoryBytes = Accelerator.MemorySize,
        Processors = 1,
        Kernels = "portable",
    };

    public static TheoryData<string> Models =>
        [.. TinyModel.All.Keys, "F16", "BF16", "Q4_0", "Q8_0", "Q4_K", "Q6_K", "Q5_0", "Q3_K", "Q8_0/q8_0", "Q8_0/q4_0", "F32/f32"];

    [KernelTheory]
    [MemberData(nameof(Models))]
    public void Forward_AnyModel_LogitsAreNearTheCpus(string subject)
    {
        using LawModel model = new(subject);
        ShardDriver expected = model.Load(new CpuBackend());
        ShardDriver sut = model.Load(Backend, 1, 1);
        int[] tokens = ShardDriver.Tokens(21);
        float[] cpu = expected.Logits(expected.Chain(tokens, 0));
        float[] device = sut.Logits(sut.Chain(tokens, 0));
        // A key or value that lies between two codes may get another one.
        double tolerance = subject.EndsWith("q4_0", StringComparison.Ordinal) ? 5e-2 : subject.EndsWith("q8_0", StringComparison.Ordinal) ? 1e-2 : 2e-3;
        AssertNear([.. cpu.Select(logit => (double)logit)], device, tolerance * ScaleOf(cpu), subject);
    }

    [KernelTheory]
    [InlineData("models/winnow-target-q8_0.gguf")]
    [InlineData("models/winnow-draft-f16.gguf")]
    public void Forward_ShippedModels_GreedyTokensAreTheCpus(string path) => AssertSameGreedy(Path.Combine(SharedFolder.RepositoryRoot, path));

    [SharedTheory("oracles")]
    [InlineData("llama-tiny-F32")]
    [InlineData("llama-tiny-F16")]
    [InlineData("llama-tiny-Q4_0")]
    [InlineData("llama-tiny-Q8_0")]
    [InlineData("llama-tinyk-Q4_K")]
    [InlineData("qwen2-tiny-Q8_0-bpe")]
    [InlineData("qwen3-tiny-F32-bpe")]
    public void Forward_Oracles_GreedyTokensAreTheCpus(string name)
    {
        if (KernelDevice.Current.SkipReason is null)
        {
            AssertSameGreedy(SharedFolder.File($"oracles/{name}.gguf"));
        }
    }

    [KernelTheory]
    [InlineData("Q8_0")]
    [InlineData("Q4_K/q8_0")]
    [InlineData("gemma2")]
    [InlineData("mixtral")]
    public void Forward_ChunksAndNeighbours_LeaveEveryRowsBits(string subject)
    {
        using LawModel model = new(subject);
        ShardDriver sut = model.Load(Backend);
        int[] tokens = ShardDriver.Tokens(41);
        float[] whole = sut.Chain(tokens, 0);
        foreach (int[] cuts in (int[][])[[1, 2, 3, 40], [7, 39], [33]])
        {
            int[] edges = [0, .. cuts, tokens.Length];
            float[] parts = [.. edges.Zip(edges.Skip(1), (first, last) => sut.Chain(tokens.AsSpan(first, last - first), first, 8)).SelectMany(rows => rows)];
            AssertSameBits(whole, parts, $"cut at {string.Join(", ", cuts)}");
        }
        ForwardBatch batch = new();
        sut.Add(batch, ShardDriver.Tokens(5, 99), 0, 20);
        sut.Add(batch, tokens, 0, 30);
        AssertSameBits(whole, sut.Run(batch).AsSpan(5 * sut.Spec.ModelSize), "beside another sequence");
    }

    [KernelTheory]
    [InlineData("Q8_0")]
    [InlineData("qwen3")]
    public void Forward_Tree_EveryNodeHasTheBitsOfItsChain(string subject)
    {
        using LawModel model = new(subject);
        ShardDriver sut = model.Load(Backend);
        int[] prefix = ShardDriver.Tokens(19);
        TreeRows tree = TreeRows.Create(new Random(3), 9, 4);
        sut.Chain(prefix, 0);
        float[] nodes = sut.Run(tree.Batch(sut, prefix.Length, chainInPages: false));
        int width = sut.Spec.ModelSize;
        for (int node = 0; node < tree.Tokens.Length; node++)
        {
            float[] chain = sut.Chain([.. prefix, .. tree.PathTokens(node)], 0, 8);
            AssertSameBits(chain.AsSpan()[^width..], nodes.AsSpan(node * width, width), $"node {node}");
        }
    }

    [KernelFact]
    public void Forward_OnlyOutputRows_HaveTheSameBitsAndOthersAreZero()
    {
        using LawModel model = new("Q8_0");
        ShardDriver sut = model.Load(Backend);
        int[] tokens = ShardDriver.Tokens(9);
        float[] whole = sut.Chain(tokens, 0);
        ForwardBatch batch = new();
        sut.Add(batch, tokens, 0, 8);
        batch[0].FirstOutputRow = 7;
        float[] some = sut.Run(batch);
        int width = sut.Spec.ModelSize;
        Assert.All(some[..(7 * width)], value => Assert.Equal(0f, value));
        AssertSameBits(whole.AsSpan(7 * width), some.AsSpan(7 * width), "output rows");
    }

    [TensorTheory]
    [InlineData(GgmlType.F16)]
    [InlineData(GgmlType.Q8_0)]
    public void Forward_OnTensorCores_LogitsAreNearTheCpusAndRowsTheirOwn(GgmlType type)
    {
        using LawModel model = TileModel(type);
        ShardDriver expected = model.Load(new CpuBackend());
        ShardDriver sut = model.Load(TensorBackend());
        int[] tokens = TileTokens();

        float[] whole = sut.Chain(tokens, 0);

        float[] cpu = expected.Logits(expected.Chain(tokens, 0));
        AssertNear([.. cpu.Select(logit => (double)logit)], sut.Logits(whole), 2e-3 * ScaleOf(cpu), $"{type}");
        float[] parts = [.. sut.Chain(tokens.AsSpan(0, 34), 0, 8), .. sut.Chain(tokens.AsSpan(34), 34, 8)];
        AssertSameBits(whole, parts, "cut before the last row");
    }

    // A logit of the whole model says little here: one 8-bit code of an activation that falls to the other side, for an attention that differs by 1e-6, is 1 / 127 of
    // its block; the next layer rounds keys and values of that row anew, and every later row reads them. So every layer gets what the processor's layers gave:
    // then rows are near to within floats, but for the few that have such a code, and those stay within what a code is worth.
    [TensorTheory]
    [InlineData(KvType.F16)]
    [InlineData(KvType.Q8_0)]
    [InlineData(KvType.Q4_0)]
    public void Forward_OnTensorCores_EveryLayerGivesTheCpusRowsButForACode(KvType kvType)
    {
        const int mostOtherCodes = 4;
        using LawModel model = TileModel(GgmlType.Q8_0, kvType);
        ShardDriver cpu = model.Load(new CpuBackend(), 1, 1, 2);
        ShardDriver sut = model.Load(TensorBackend(), 1, 1, 2);
        ForwardBatch batch = new();
        sut.Add(batch, TileTokens(), 0, 0);
        float[] input = [];
        for (int layer = 0; layer < LawModel.Layers; layer++)
        {
            float[] expected = Whole(cpu.Shards[layer], batch, input);
            float[] actual = Whole(sut.Shards[layer], batch, input);
            double scale = ScaleOf(expected);
            double[] errors = [.. expected.Zip(actual, (x, y) => Math.Abs((double)x - y) / scale).Chunk(sut.Spec.ModelSize).Select(row => row.Max())];
            Assert.All(errors, error => Assert.InRange(error, 0, 3e-2));
            Assert.InRange(errors.Count(error => error > 5e-6), 0, mostOtherCodes);
            input = expected;
        }
        float[] logits = cpu.Logits(input);
        AssertNear([.. logits.Select(logit => (double)logit)], sut.Logits(input), 5e-6 * ScaleOf(logits), "head");
        float[] whole = sut.Chain(TileTokens(), 0);
        float[] parts = [.. sut.Chain(TileTokens().AsSpan(0, 34), 0, 8), .. sut.Chain(TileTokens().AsSpan(34), 34, 8)];
        AssertSameBits(whole, parts, "cut before the last row");
    }

    [KernelTheory]
    [InlineData("Q8_0")]
    [InlineData("mixtral")]
    public void StartForward_PassesThatOverlap_HaveTheBitsOfOneAfterTheOther(string subject)
    {
        using LawModel model = new(subject);
        ShardDriver sut = model.Load(Backend, 1, 1);
        ForwardBatch[] passes = [.. Enumerable.Range(0, 5).Select(_ => new ForwardBatch())];
        int[] tokens = ShardDriver.Tokens(42);
        // A prompt in two parts and a token that read each other's keys, and others beside them, of more and of fewer rows.
        sut.Add(passes[0], tokens.AsSpan(0, 7), 0, 0);
        sut.Add(passes[1], tokens.AsSpan(7, 34), 7, 0);
        sut.Add(passes[2], tokens.AsSpan(41), 41, 0);
        sut.Add(passes[3], tokens.AsSpan(0, 9), 0, 20);
        float[] hidden = [];
        foreach (IShard shard in sut.Shards)
        {
            float[] input = hidden;
            float[][] expected = [.. passes.Select(pass => Whole(shard, pass, InputOf(pass, input)))];
            float[][] actual = [.. passes.Select(pass => new float[pass.RowCount * sut.Spec.ModelSize])];
            shard.StartForward(passes[0], InputOf(passes[0], input), default);
            for (int i = 1; i < passes.Length; i++)
            {
                shard.StartForward(passes[i], InputOf(passes[i], input), default);
                shard.FinishForward(actual[i - 1]);
            }
            shard.FinishForward(actual[^1]);
            Assert.All(expected.Zip(actual), pair => AssertSameBits(pair.First, pair.Second, "overlapping"));
            hidden = expected[1];
        }

        // What comes from the shard before does not matter, only that it differs from row to row.
        float[] InputOf(ForwardBatch pass, float[] states) => states.Length == 0 ? [] : states[..(pass.RowCount * sut.Spec.ModelSize)];
    }

    [KernelFact]
    public void StartForward_OnePassTooMany_IsRefused()
    {
        using LawModel model = new("Q8_0");
        ShardDriver sut = model.Load(Backend);
        ForwardBatch batch = new();
        sut.Add(batch, ShardDriver.Tokens(3), 0, 0);
        float[] output = new float[3 * sut.Spec.ModelSize];
        Assert.True(sut.Shard.PassesOverlap);
        Assert.Throws<InvalidOperationException>(() => sut.Shard.FinishForward(output));
        sut.Shard.StartForward(batch, [], default);
        sut.Shard.StartForward(batch, [], default);
        Assert.Throws<InvalidOperationException>(() => sut.Shard.StartForward(batch, [], default));
        Assert.Throws<InvalidOperationException>(() => sut.Shard.Forward(batch, [], output, default));
        Assert.Throws<ArgumentException>(() => sut.Shard.FinishForward(output.AsSpan(1)));
        sut.Shard.FinishForward(output);
        sut.Shard.FinishForward(output);
        AssertSameBits(Whole(sut.Shard, batch, []), output, "after what was refused");
    }

    [KernelFact]
    public void CopyBlockAndRow_MovedKeys_GiveTheSameBits()
    {
        using LawModel model = new("Q8_0/q4_0");
        ShardDriver sut = model.Load(Backend);
        int[] tokens = ShardDriver.Tokens(18);
        sut.Chain(tokens, 0);
        float[] expected = sut.LastLogits([7], tokens.Length);
        int block = sut.Spec.BlockTokens;
        sut.Shard.CopyBlock(0, 10);
        sut.Shard.CopyRow(block, 11 * block);
        sut.Shard.CopyRow(block + 1, (11 * block) + 1);
        AssertSameBits(expected, sut.LastLogits([7], tokens.Length, 10), "after copies");
    }

    // Heads and rows that tiles take, and no more of them than it needs.
    private static LawModel TileModel(GgmlType type, KvType kvType = KvType.F16) =>
        new(new TinyModel { Architecture = "llama", WeightType = type, Heads = 2, KvHeads = 1, HeadSize = 64, VocabularySize = 64 }, kvType);

    private static int[] TileTokens() => [.. ShardDriver.Tokens(35).Select(token => token % 64)];

    private static DeviceBackend TensorBackend() => new([Accelerator], Description, variant: KernelVariant.Tensor);

    private static double ScaleOf(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));

    private static float[] Whole(IShard shard, ForwardBatch batch, float[] input)
    {
        float[] output = new float[batch.RowCount * shard.Spec.ModelSize];
        shard.Forward(batch, input, output, default);
        return output;
    }

    private static void AssertSameGreedy(string path)
    {
        using ModelFile file = ModelFile.Open(path);
        ShardOptions options = new() { KvBlockCount = 4, ContextTokens = 64 };
        using IShard cpu = new CpuBackend().LoadShard(file, options);
        using IShard device = Backend.LoadShard(file, options);
        Assert.Equal(Greedy(new ShardDriver(cpu)), Greedy(new ShardDriver(device)));
    }

    private static int[] Greedy(ShardDriver driver)
    {
        List<int> tokens = [1, 17, 230, 41, 98];
        float[] logits = driver.LastLogits(CollectionsMarshal.AsSpan(tokens), 0);
        for (int i = 0; i < GreedyTokens; i++)
        {
            int best = Array.IndexOf(logits, logits.Max());
            logits = driver.LastLogits([best], tokens.Count);
            tokens.Add(best);
        }
        return [.. tokens];
    }
}
