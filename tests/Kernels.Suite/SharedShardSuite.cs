using System.Collections.Concurrent;
using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>Whole models whose layers two or four devices share: the bits of one device, whatever is computed.</summary>
/// <remarks>Not derived for the PTX machine, where a model on two devices takes most of a minute; there MatMulSuite and FoldSuite run the same kernels.</remarks>
public abstract class SharedShardSuite : KernelSuite
{
    private static readonly ConcurrentDictionary<(int Ranks, bool Direct), DeviceBackend> Backends = new();

    // Every form, count of devices, way between them and form of keys; what else products do with shares, MatMulSuite tests.
    public static TheoryData<GgmlType, KvType, int, bool> Types => new()
    {
        { GgmlType.Q8_0, KvType.F16, 2, true }, { GgmlType.Q8_0, KvType.Q8_0, 4, false }, { GgmlType.Q4_0, KvType.Q4_0, 2, false },
        { GgmlType.Q4_K, KvType.F16, 2, false }, { GgmlType.Q6_K, KvType.Q4_0, 2, true }, { GgmlType.F16, KvType.F32, 4, false },
        { GgmlType.BF16, KvType.Q8_0, 2, true }, { GgmlType.F32, KvType.F32, 4, true }, { GgmlType.Q5_1, KvType.F16, 2, false },
    };

    [KernelTheory]
    [MemberData(nameof(Types))]
    public void Forward_SharedByRanks_HasTheBitsOfOneDevice(GgmlType type, KvType kvType, int ranks, bool direct)
    {
        using LawModel model = new(Wide(type), kvType);
        AssertSame(model, Backend(ranks, direct));
    }

    [KernelTheory]
    [InlineData("llama with biases")]
    [InlineData("mixtral")]
    [InlineData("mixtral in single experts")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("gemma2")]
    [InlineData("phi3")]
    public void Forward_AnyArchitecture_HasTheBitsOfOneDevice(string name)
    {
        using LawModel model = new(name);
        AssertSame(model, Backend(2, direct: true));
    }

    [KernelFact]
    public void Forward_SharedExpertsOfFourRanks_HaveTheBitsOfOneDevice()
    {
        using LawModel model = new(TinyModel.All["qwen3moe in Q8_0"] with { Heads = 8, KvHeads = 4, FeedForwardSize = 160, Fields = Experts(160) });
        AssertSame(model, Backend(4, direct: false));
    }

    [KernelFact]
    public void Forward_CancelledBetweenLayers_GoesOnWithTheNextPass()
    {
        using LawModel model = new(Wide(GgmlType.Q8_0));
        ShardDriver one = model.Load(Backend(1, direct: true));
        ShardDriver sut = model.Load(Backend(2, direct: false));
        ForwardBatch batch = new();
        sut.Add(batch, ShardDriver.Tokens(9), 0, 0);
        float[] output = new float[9 * sut.Spec.ModelSize];
        Assert.Throws<OperationCanceledException>(() => sut.Shard.Forward(batch, [], output, new CancellationToken(canceled: true)));
        AssertSameBits(one.Chain(ShardDriver.Tokens(9), 0), sut.Chain(ShardDriver.Tokens(9), 0), "after a cancelled pass");
    }

    [KernelFact]
    public void LoadShard_SharedByRanks_HasOneNumericsIdAndAsManyKeys()
    {
        using LawModel model = new(Wide(GgmlType.Q8_0));
        IShard one = model.Load(Backend(1, direct: true)).Shard;
        IShard sut = model.Load(Backend(4, direct: true)).Shard;
        Assert.Equal(one.Numerics, sut.Numerics);
        Assert.Equal(one.KvBytes, sut.KvBytes);
    }

    [KernelTheory]
    [InlineData(2, 4, "'2' key and value heads")]
    [InlineData(1, 2, "give each device")]
    public void LoadShard_HeadsThatCannotBeShared_IsRefusedWithWhatCan(int kvHeads, int ranks, string said)
    {
        using LawModel model = new(Wide(GgmlType.Q8_0) with { KvHeads = kvHeads });
        ArgumentException exception = Assert.Throws<ArgumentException>(() => model.Load(Backend(ranks, direct: true)));
        Assert.Contains(said, exception.Message, StringComparison.Ordinal);
        Assert.Contains($"shared by '{ranks}' devices", exception.Message, StringComparison.Ordinal);
    }

    [KernelFact]
    public void LoadShard_SumThatCannotBeCutBetweenHeads_IsRefused()
    {
        // 6 heads of 16 in blocks of 32: three blocks, and a half of them is not three heads.
        using LawModel model = new(Wide(GgmlType.Q8_0) with { Heads = 6, KvHeads = 2 });
        ArgumentException exception = Assert.Throws<ArgumentException>(() => model.Load(Backend(2, direct: true)));
        Assert.Contains("'blk.0.attn_output.weight'", exception.Message, StringComparison.Ordinal);
    }

    // Inputs of down are five units, so that devices have unequal parts; those of super-blocks three, of floats nine.
    private static TinyModel Wide(GgmlType type)
    {
        bool super = type.BlockElements() == 256;
        bool floats = type.BlockElements() == 1;
        return new TinyModel
        {
            Architecture = "llama",
            WeightType = type,
            ModelSize = super ? 256 : 96,
            Heads = super ? 4 : 8,
            KvHeads = super ? 2 : 4,
            HeadSize = super ? 128 : 16,
            FeedForwardSize = super ? 768 : floats ? 72 : 160,
            Biases = type == GgmlType.Q4_0,
        };
    }

    private static Dictionary<string, object> Experts(int size) => new() { ["expert_used_count"] = 3u, ["expert_feed_forward_length"] = (uint)size };

    private static DeviceBackend Backend(int ranks, bool direct) => Backends.GetOrAdd((ranks, direct), static key =>
    {
        Accelerator[] accelerators = [Accelerator, .. Enumerable.Range(1, key.Ranks - 1).Select(_ => KernelDevice.Current.OpenAnother())];
        return new DeviceBackend(
            accelerators,
            new DeviceDescription
            {
                Choice = new DeviceChoice(DeviceKind.IlgpuCpu),
                Model = "test",
                MemoryBytes = Accelerator.MemorySize,
                Processors = 1,
                Kernels = "portable",
            },
            key.Direct);
    });

    // A prompt in tiles, one token, a tree, moved keys, and logits of all of them.
    private static void AssertSame(LawModel model, DeviceBackend backend)
    {
        ShardDriver one = model.Load(Backend(1, direct: true));
        ShardDriver sut = model.Load(backend);
        int[] prompt = ShardDriver.Tokens(35);
        AssertSameLogits(one, sut, driver => driver.Chain(prompt, 0), "prompt");
        AssertSameLogits(one, sut, driver => driver.Chain([7], prompt.Length), "token");
        TreeRows tree = TreeRows.Create(new Random(3), 9, 4);
        AssertSameLogits(one, sut, driver => driver.Run(tree.Batch(driver, prompt.Length, chainInPages: false)), "tree");
        int block = one.Spec.BlockTokens;
        foreach (ShardDriver driver in (ShardDriver[])[one, sut])
        {
            driver.Shard.CopyBlock(0, 10);
            driver.Shard.CopyRow(block, 11 * block);
        }
        AssertSameLogits(one, sut, driver => driver.Chain([9], block + 1, 10), "moved keys");
    }

    private static void AssertSameLogits(ShardDriver one, ShardDriver sut, Func<ShardDriver, float[]> run, string what)
    {
        float[] expected = run(one);
        float[] actual = run(sut);
        AssertSameBits(expected, actual, what);
        AssertSameBits(one.Logits(expected), sut.Logits(actual), what + ", logits");
    }
}
