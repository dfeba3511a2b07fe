using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>What a shard tells of its operations, worked out by hand for a tiny model: C = 64, 4 heads of 16, 2 KV heads, F = 96, 2 layers.</summary>
public sealed class OperationProfileTests : IDisposable
{
    private const int PanelRows = 16;
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _file;
    private readonly int _vocabulary;

    public OperationProfileTests()
    {
        TinyLlama model = new() { WeightType = GgmlType.Q8_0 };
        _vocabulary = model.VocabularySize;
        _file = ModelFile.Open(_folder.Write("tiny.gguf", model.Build().ToBytes()));
    }

    [Fact]
    public void Forward_WithAProfile_CountsProductsAndAttention()
    {
        RecordingProfile profile = new();
        using IShard shard = Load(profile, threads: 1);
        ShardDriver driver = new(shard);

        driver.Logits(driver.Chain([1, 2, 3], 0));

        Assert.Equal((2, 3, 3L * (64 + 32 + 32) * 64 * 2), profile.Total(OperationKind.QueryKeyValue));
        Assert.Equal((2, 3, 3L * 2 * 96 * 64 * 2), profile.Total(OperationKind.GateUp));
        Assert.Equal((2, 3, 3L * 64 * 96 * 2), profile.Total(OperationKind.Down));
        Assert.Equal((1, 3, 3L * 64 * ((_vocabulary + PanelRows - 1) / PanelRows * PanelRows)), profile.Total(OperationKind.Head));
        // Rows see 1, 2 and 3 keys; keys and values, 4 heads of 16, 2 layers.
        Assert.Equal((2, 3, (1 + 2 + 3) * 2L * 4 * 16 * 2), profile.Total(OperationKind.Attention));
        // Three keys and three values of 2 heads of 16 halves, in 2 layers.
        Assert.Equal(3 * 2 * 2 * 16 * 2 * 2, profile.Bytes(OperationKind.Attention));
        Assert.True(profile.IsBalanced);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Forward_WithAProfile_GivesTheSameBits(int threads)
    {
        using IShard plain = Load(null, 1);
        using IShard told = Load(new RecordingProfile(), threads);

        Bits.AssertEqual(new ShardDriver(plain).LastLogits([5, 6, 7], 0), new ShardDriver(told).LastLogits([5, 6, 7], 0), "with a profile");
    }

    [Fact]
    public void Measure_Roofline_IsAboveZero()
    {
        var sut = new CpuRoofline(TimeProvider.System, threads: 1);

        Assert.True(sut.MeasurePeak(GgmlType.Q8_0) > 1e6);
        Assert.Throws<ArgumentException>(() => sut.MeasurePeak(GgmlType.Q8_1));
    }

    public void Dispose()
    {
        _file.Dispose();
        _folder.Dispose();
    }

    private IShard Load(IOperationProfile? profile, int threads) =>
        new CpuBackend().LoadShard(_file, new ShardOptions { KvBlockCount = 16, Threads = threads, Profile = profile });

    private sealed class RecordingProfile : IOperationProfile
    {
        private readonly List<Operation> _operations = [];
        private int _open;

        public bool IsBalanced { get; private set; } = true;

        public void Begin() => IsBalanced &= ++_open == 1;

        public void Wait() => IsBalanced &= _open == 1;

        public void End(in Operation operation)
        {
            IsBalanced &= --_open == 0;
            _operations.Add(operation);
        }

        public (int Calls, int Rows, long MultiplyAdds) Total(OperationKind kind)
        {
            Operation[] all = [.. _operations.Where(operation => operation.Kind == kind)];
            return (all.Length, all.Max(operation => operation.Rows), all.Sum(operation => operation.MultiplyAdds));
        }

        public long Bytes(OperationKind kind) => _operations.Where(operation => operation.Kind == kind).Sum(operation => operation.Bytes);
    }
}
