using Winnow.Inference.Cpu;
using Winnow.Inference.Drafting.Exits;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Drafting.Exits;

/// <summary>Files that are given as early exits.</summary>
public sealed class ExitModelTests : IDisposable
{
    private static readonly TinyLlama Target = new() { Layers = 3 };
    private readonly TemporaryFolder _folder = new();
    private readonly ModelFile _target;
    private readonly GgufBuilder _builder;

    public ExitModelTests()
    {
        _target = ModelFile.Open(Target.Write(_folder));
        _builder = new TinyExit(Target, exitLayer: 1, feedForward: 32, _folder).Build();
    }

    public void Dispose()
    {
        _target.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Read_NarrowerFeedForward_CountsAdapterAndHead(bool isTied)
    {
        TinyLlama model = Target with { TiedEmbeddings = isTied };
        using ModelFile target = ModelFile.Open(model.Write(_folder, "model.gguf"));
        using ModelFile file = ModelFile.Open(_folder.Write("exit.gguf", _builder.ToBytes()));

        ExitModel sut = ExitModel.Read(file, target);

        long head = target.GetTensor(isTied ? "token_embd.weight" : "output.weight").ByteLength;
        Assert.Equal((1, file.Tensors.Sum(tensor => tensor.ByteLength) + head), (sut.Layers, sut.WeightBytes));
        Assert.Equal(2 * 2 * 16 * 2 * 64, sut.KvBytes(64, Winnow.Inference.Cache.KvType.F16));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(-1)]
    public void Read_ExitLayerOutsideTheTarget_SaysWhichThereAre(int layer)
    {
        ModelFileException error = Read(_builder.Without(TinyExit.LayerKey).Set(TinyExit.LayerKey, layer));

        Assert.Contains($"'{layer}'", error.Message, StringComparison.Ordinal);
        Assert.Contains("1 to 2", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NoExitLayer_NamesTheKey() =>
        Assert.Contains(TinyExit.LayerKey, Read(_builder.Without(TinyExit.LayerKey)).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AnotherArchitecture_NamesIt() =>
        Assert.Contains("'llama'", Read(_builder.Without("general.architecture").Set("general.architecture", "llama")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("blk.0.attn_q.weight")]
    [InlineData("blk.0.ffn_down.weight")]
    [InlineData("output_norm.weight")]
    public void Read_TensorMissing_NamesIt(string tensor) =>
        Assert.Contains(tensor.Replace("blk.0.", "", StringComparison.Ordinal), Read(_builder.Without(tensor)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("blk.1.attn_q.weight")]
    [InlineData("token_embd.weight")]
    [InlineData("output.bias")]
    [InlineData("blk.0.extra.weight")]
    public void Read_TensorTooMany_NamesIt(string tensor) =>
        Assert.Contains(tensor.Replace("blk.0.", "", StringComparison.Ordinal), Read(_builder.Tensor(tensor, [64], new float[64])).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_AdapterOfAnotherTarget_NamesTheTensorsShape()
    {
        using ModelFile other = ModelFile.Open((Target with { ModelSize = 96 }).Write(_folder, "other.gguf"));
        using ModelFile file = ModelFile.Open(_folder.Write("exit.gguf", _builder.ToBytes()));

        ModelFileException error = Assert.Throws<ModelFileException>(() => ExitModel.Read(file, other));
        Assert.Contains("shape", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_WeightThatIsNoNumber_NamesTheTensor()
    {
        float[] norm = new float[64];
        norm[3] = float.NaN;
        using ModelFile file = ModelFile.Open(_folder.Write("exit.gguf", _builder.Without("output_norm.weight").Tensor("output_norm.weight", [64], norm).ToBytes()));
        ShardOptions options = new() { KvBlockCount = 4 };
        using IShard shard = new CpuBackend().LoadShard(_target, options);

        ModelFileException error = Assert.Throws<ModelFileException>(() => new ExitDrafter(ExitModel.Read(file, _target), shard, new CpuBackend(), options, TimeProvider.System));
        Assert.Contains("output_norm.weight", error.Message, StringComparison.Ordinal);
    }

    private ModelFileException Read(GgufBuilder builder)
    {
        using ModelFile file = ModelFile.Open(_folder.Write("wrong.gguf", builder.ToBytes()));
        return Assert.Throws<ModelFileException>(() => ExitModel.Read(file, _target));
    }
}
