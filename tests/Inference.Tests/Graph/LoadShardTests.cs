using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Graph;

public sealed class LoadShardTests : IDisposable
{
    private static readonly ShardOptions Options = new() { KvBlockCount = 4 };
    private readonly TemporaryFolder _folder = new();
    private readonly CpuBackend _sut = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void LoadShard_MiddleLayers_HoldsOnlyThem()
    {
        using ModelFile file = Open(new TinyLlama { Layers = 3 }.Build());
        using IShard whole = _sut.LoadShard(file, Options);
        using IShard middle = _sut.LoadShard(file, Options with { FirstLayer = 1, LastLayer = 2 });

        Assert.Equal((false, false, 1, 2), (middle.Spec.HasEmbedding, middle.Spec.HasHead, middle.Spec.FirstLayer, middle.Spec.LastLayer));
        Assert.InRange(middle.WeightBytes, 1, whole.WeightBytes / 3);
        Assert.Equal(whole.KvBytes / 3, middle.KvBytes);
        Assert.Equal(whole.Numerics, middle.Numerics);
    }

    [Theory]
    [InlineData(0, 1, false)]
    [InlineData(1, 2, false)]
    [InlineData(2, 3, false)]
    [InlineData(2, 3, true)]
    [InlineData(0, 3, true)]
    public void LoadShard_Layers_ReadsTheirTensorsAlone(int first, int last, bool tied)
    {
        string path = _folder.Write("model.gguf", new TinyLlama { Layers = 3, TiedEmbeddings = tied }.Build().ToBytes());
        RecordingSource source = new();
        using var file = ModelFile.Open(path, source);

        using IShard shard = _sut.LoadShard(file, Options with { FirstLayer = first, LastLayer = last });

        string[] read = [.. file.Tensors.Where(tensor => source.Tensors.Contains(tensor.Offset)).Select(tensor => tensor.Name)];
        Assert.Equal(ModelFootprint.Read(file).TensorsOf(file, first, last).Select(tensor => tensor.Name), read);
        Assert.Equal(first == 0 || (tied && last == 3), read.Contains("token_embd.weight"));
    }

    [Fact]
    public void Numerics_OtherKvTypeOrModel_Differs()
    {
        using ModelFile file = Open(new TinyLlama().Build());
        using ModelFile other = Open(new TinyLlama { Seed = 2 }.Build());
        using IShard a = _sut.LoadShard(file, Options);
        using IShard b = _sut.LoadShard(file, Options with { KvType = KvType.F32 });
        using IShard c = _sut.LoadShard(other, Options);

        Assert.Equal($"cpu-{_sut.KernelVersion}-{file.ContentHash}-kv-f16", a.Numerics);
        Assert.Equal(3, new HashSet<string>([a.Numerics, b.Numerics, c.Numerics]).Count);
    }

    [Fact]
    public void LoadShard_Progress_EndsAtTheTotal()
    {
        using ModelFile file = Open(new TinyLlama().Build());
        List<LoadProgress> reports = [];

        using IShard shard = _sut.LoadShard(file, Options, new Recorder(reports));

        Assert.Equal(reports[^1].TotalBytes, reports[^1].DoneBytes);
        Assert.Equal(reports.Order(Comparer<LoadProgress>.Create((a, b) => a.DoneBytes.CompareTo(b.DoneBytes))), reports);
    }

    [Fact]
    public void LoadShard_Cancelled_Stops()
    {
        using ModelFile file = Open(new TinyLlama().Build());

        Assert.Throws<OperationCanceledException>(() => _sut.LoadShard(file, Options, null, new CancellationToken(canceled: true)));
    }

    public static TheoryData<ShardOptions, string> BadOptions => new()
    {
        { Options with { LastLayer = 3 }, "LastLayer is '3'" },
        { Options with { FirstLayer = 2 }, "FirstLayer is '2'" },
        { Options with { FirstLayer = -1 }, "FirstLayer is '-1'" },
        { Options with { KvBlockTokens = 24 }, "KvBlockTokens '24'" },
        { Options with { KvBlockTokens = 0 }, "KvBlockTokens is '0'" },
        { Options with { KvBlockCount = 0 }, "KvBlockCount is '0'" },
        { Options with { ScratchTokens = -1 }, "ScratchTokens is '-1'" },
        { Options with { ContextTokens = 257 }, "ContextTokens is '257'" },
        { Options with { Threads = 0 }, "Threads is '0'" },
    };

    [Theory]
    [MemberData(nameof(BadOptions))]
    public void LoadShard_BadOption_IsNamed(ShardOptions options, string expected)
    {
        using ModelFile file = Open(new TinyLlama().Build());

        Assert.Contains(expected, Assert.Throws<ArgumentException>(() => _sut.LoadShard(file, options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadShard_MoreKvThanMemory_SaysHowMuch()
    {
        using ModelFile file = Open(new TinyLlama().Build());

        string message = Assert.Throws<InsufficientMemoryException>(() => _sut.LoadShard(file, Options with { KvBlockCount = 100_000_000 })).Message;

        Assert.Contains("100000000 blocks of 16 tokens", message, StringComparison.Ordinal);
    }

    [Fact]
    public void LoadShard_MissingTensor_IsNamed() =>
        AssertRefused(new TinyLlama().Build().Without("blk.1.ffn_up.weight"), "tensor 'blk.1.ffn_up.weight' is 'missing'");

    [Fact]
    public void LoadShard_WrongShape_SaysBoth() => AssertRefused(
        new TinyLlama().Build().Without("blk.0.attn_k.weight").Tensor("blk.0.attn_k.weight", [64, 16], new float[1024]),
        "tensor 'blk.0.attn_k.weight', shape is '64 x 16'; expected 64 x 32");

    [Fact]
    public void LoadShard_TypeThatIsNotComputed_ListsTheAllowedOnes() => AssertRefused(
        new TinyLlama().Build().Without("blk.0.attn_k.weight").Tensor("blk.0.attn_k.weight", GgmlType.Q8_1, [64, 32], new byte[64 / 32 * 36 * 32]),
        "type is 'Q8_1'; expected F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q2_K");

    [Fact]
    public void LoadShard_TensorOfAnotherGraph_IsRefused() =>
        AssertRefused(new TinyLlama().Build().Tensor("blk.0.ffn_gate_inp.weight", [64], new float[64]), "'blk.0.ffn_gate_inp.weight'");

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void LoadShard_WeightThatIsNoNumber_IsRefused(float bad)
    {
        float[] norm = new float[64];
        norm[63] = bad;

        AssertRefused(new TinyLlama().Build().Without("output_norm.weight").Tensor("output_norm.weight", [64], norm), "'output_norm.weight', values");
    }

    [Theory]
    [InlineData(GgmlType.Q8_0, 34, 0x7C00)]
    [InlineData(GgmlType.Q4_1, 2, 0x7E00)]
    [InlineData(GgmlType.Q5_1, 24, 0xFC00)]
    [InlineData(GgmlType.MXFP4, 17, 0xFF)]
    [InlineData(GgmlType.BF16, 6, 0x7F80)]
    [InlineData(GgmlType.Q4_K, 2, 0x7C00)]
    [InlineData(GgmlType.Q2_K, 80, 0x7C00)]
    [InlineData(GgmlType.Q3_K, 108, 0x7C00)]
    [InlineData(GgmlType.Q6_K, 208 + 210, 0x7E00)]
    public void LoadShard_BlockScaleThatIsNoNumber_IsRefused(GgmlType type, int at, int bits)
    {
        int size = type.BlockElements() == 256 ? 256 : 64;
        GgufBuilder builder = new TinyLlama { ModelSize = size, Heads = 4, KvHeads = 2 }.Build().Without("blk.0.attn_k.weight");
        byte[] data = new byte[type.RowBytes(size) * size / 2];
        BitConverter.TryWriteBytes(data.AsSpan(at), (ushort)bits);

        AssertRefused(builder.Tensor("blk.0.attn_k.weight", type, [size, size / 2], data), "'blk.0.attn_k.weight', values");
    }

    private void AssertRefused(GgufBuilder builder, string expected)
    {
        using ModelFile file = Open(builder);
        string message = Assert.Throws<ModelFileException>(() => _sut.LoadShard(file, Options)).Message;
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.Contains(file.Path, message, StringComparison.Ordinal);
    }

    private ModelFile Open(GgufBuilder builder) => ModelFile.Open(_folder.Write($"{Guid.NewGuid():N}.gguf", builder.ToBytes()));

    private sealed class Recorder(List<LoadProgress> reports) : IProgress<LoadProgress>
    {
        public void Report(LoadProgress value) => reports.Add(value);
    }

    private sealed class RecordingSource : IModelSource
    {
        public System.Collections.Concurrent.ConcurrentDictionary<long, bool> Offsets { get; } = new();

        public ICollection<long> Tensors => Offsets.Keys;

        public void Require(string path, long offset, long length)
        {
            // Headers and the content hash.
        }

        public void RequireTensors(IReadOnlyList<ModelRange> ranges, IProgress<FetchProgress>? progress, CancellationToken cancellation)
        {
            foreach (ModelRange range in ranges)
            {
                Offsets[range.Offset] = true;
            }
        }

        public void Dispose()
        {
        }
    }
}
