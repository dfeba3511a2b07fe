using System.Text;
using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Files;

public sealed class SafetensorsBadFileTests : IDisposable
{
    private const string Norm = "model.norm.weight";

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, SafetensorsBuilder> BadFiles { get; } = new()
    {
        { "header length is '18446744073709551615'", Sample(builder => builder.HeaderLength = ulong.MaxValue) },
        { "header length is '100000001'; expected at most", Sample(builder => builder.HeaderLength = 100_000_001) },
        { "JSON is '", Sample(builder => builder.HeaderLength = 24) },
        { "header is 'StartArray'; expected StartObject", Sample(builder => builder.EditText = _ => "[]") },
        { "JSON is '", Sample(builder => builder.EditText = text => text[..^1]) },
        { "JSON is '", Sample(builder => builder.EditText = text => text + "x") },
        { "JSON is '", Sample(builder => builder.EditText = _ => "{\"__metadata__\":" + new string('[', 70) + new string(']', 70) + "}") },
        { "JSON is '", Sample(builder => builder.EditText = _ => "{\"\\ud800\":{}}") },
        { "tensor name is 'model.norm.weight'; expected every name once", Sample(builder => builder.EditText = text => text.Replace("other", Norm, StringComparison.Ordinal)) },
        { "tensor 'other' is 'Number'; expected StartObject", Sample(builder => builder.Edit = header => header["other"] = 1) },
        { "tensor 'other' is 'incomplete'", Sample(builder => builder.Edit = header => header["other"]!.AsObject().Remove("shape")) },
        { "tensor 'other', dtype is 'F31'; expected one of BF16,", Sample(builder => builder.Edit = header => header["other"]!["dtype"] = "F31") },
        { "tensor 'other', shape is 'Number'; expected integers", Sample(builder => builder.Edit = header => header["other"]!["shape"] = new JsonArray(-1)) },
        { "tensor 'other', shape is 'Number'; expected integers", Sample(builder => builder.Edit = header => header["other"]!["shape"] = new JsonArray(1.5)) },
        { "tensor 'other', shape is 'more than 8 elements'", Sample(builder => builder.Edit = header => header["other"]!["shape"] = new JsonArray(1, 1, 1, 1, 1, 1, 1, 1, 1)) },
        { "expected fewer than 2^63 bytes", Sample(builder => builder.Edit = header => header["other"]!["shape"] = new JsonArray(1L << 40, 1L << 40)) },
        { "tensor 'other', data_offsets is '4 to 8'; expected 8 bytes", Sample(builder => builder.Edit = header => header["other"]!["shape"] = new JsonArray(2)) },
        { "tensor 'other', data_offsets is '8 to 12'; expected 4 bytes inside the 8", Sample(builder => builder.Edit = header => header["other"]!["data_offsets"] = new JsonArray(8, 12)) },
        { "tensor 'other', data_offsets is '4 to 0'", Sample(builder => builder.Edit = header => header["other"]!["data_offsets"] = new JsonArray(4, 0)) },
        { "tensor 'other', data_offsets is '9223372036854775803 to 9223372036854775807'", Sample(builder => builder.Edit = header => header["other"]!["data_offsets"] = new JsonArray(long.MaxValue - 4, long.MaxValue)) },
        { "tensors leave no gap and do not overlap", Sample(builder => builder.Edit = header => header["other"]!["data_offsets"] = new JsonArray(0, 4)) },
        { "where the last tensor ends", Sample(builder => builder.Edit = header => header.Remove("other")) },
        { "shape is '0'; expected a vector or a matrix", new SafetensorsBuilder().Tensor(Norm, [0]) },
        { "shape is ''; expected a vector or a matrix", new SafetensorsBuilder().Tensor(Norm, [], 1) },
        { "shape is '1x1x1'; expected a vector or a matrix", new SafetensorsBuilder().Tensor(Norm, [1, 1, 1], 1) },
        { "dtype is 'I64'; expected F32, F16 or BF16", new SafetensorsBuilder().Tensor(Norm, "I64", [1], new byte[8]) },
        { "elements is '1048577'; expected at most 1048576", new SafetensorsBuilder().Tensor(Norm, "F16", [1_048_577], new byte[2_097_154]) },
    };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public void Open_BadFile_SaysFieldFoundAndExpectedInOneLine(string expected, SafetensorsBuilder builder)
    {
        WriteConfig();
        string path = _folder.Write("model.safetensors", builder.ToBytes());

        ModelFileException error = Refused(expected);

        Assert.Equal(path, error.Path);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("{}", "'weight_map' is 'missing'")]
    [InlineData("""{"weight_map":{}}""", "'weight_map' is 'empty'")]
    [InlineData("""{"weight_map":[]}""", "'weight_map' is 'StartArray'")]
    [InlineData("""{"weight_map":{"model.norm.weight":"../a.safetensors"}}""", "file of tensor 'model.norm.weight' is '../a.safetensors'; expected the name of a .safetensors file in the same folder")]
    [InlineData("""{"weight_map":{"model.norm.weight":"model.safetensors.index.json"}}""", "file of tensor 'model.norm.weight' is 'model.safetensors.index.json'")]
    [InlineData("""{"weight_map":{"model.norm.weight":1}}""", "file of tensor 'model.norm.weight' is 'Number'")]
    [InlineData("""{"weight_map":{"model.norm.weight":"none.safetensors"}}""", "path is '")]
    [InlineData("""{"weight_map":{"a":"a.safetensors","a":"a.safetensors"}}""", "'weight_map', tensor name is 'a'; expected every name once")]
    [InlineData("""{"weight_map":{"a":"a.safetensors"}}""", "tensor 'model.norm.weight' is 'in this file'; expected it in no file")]
    [InlineData("""{"weight_map":{"model.norm.weight":"a.safetensors","b":"a.safetensors"}}""", "tensor 'b' is 'missing'; expected it in this file")]
    [InlineData("""{"weight_map":{"model.norm.weight":"a.safetensors"}}x""", "JSON is '")]
    [InlineData("", "size is '0 bytes'")]
    public void Open_BadIndex_SaysWhatIsWrong(string index, string expected)
    {
        WriteConfig();
        _folder.Write("a.safetensors", new SafetensorsBuilder().Tensor(Norm, [1], 1).ToBytes());
        _folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(index));

        Refused(expected);
    }

    [Fact]
    public void Open_TensorInTwoFiles_NamesIt()
    {
        WriteConfig();
        _folder.Write("a.safetensors", new SafetensorsBuilder().Tensor(Norm, [1], 1).ToBytes());
        _folder.Write("b.safetensors", new SafetensorsBuilder().Tensor(Norm, [1], 1).Tensor("lm_head.weight", [1, 1], 1).ToBytes());
        _folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes($$$"""{"weight_map":{"{{{Norm}}}":"a.safetensors","lm_head.weight":"b.safetensors"}}"""));

        Refused($"tensor '{Norm}' is 'in this file'; expected it in no file, or in an earlier one");
    }

    [Theory]
    [InlineData("[]", "JSON is 'Array'; expected an object")]
    [InlineData("{\"a\":1,\"a\":2}", "JSON is '")]
    [InlineData("{\"model_type\":\"\\ud800\"}", "JSON is '")]
    [InlineData("{", "JSON is '")]
    public void Open_BadConfigText_SaysSo(string text, string expected)
    {
        _folder.Write("config.json", Encoding.UTF8.GetBytes(text));

        Refused(expected);
    }

    [Fact]
    public void Open_FolderWithoutAModel_SaysWhatIsMissing()
    {
        Assert.Contains("config.json", Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Root)).Path, StringComparison.Ordinal);
        WriteConfig();

        Refused("weights is 'missing'; expected model.safetensors or model.safetensors.index.json");
    }

    private static SafetensorsBuilder Sample(Action<SafetensorsBuilder> change)
    {
        SafetensorsBuilder builder = new SafetensorsBuilder().Tensor(Norm, [1], 1).Tensor("other", [1], 2);
        change(builder);
        return builder;
    }

    private void WriteConfig() => _folder.Write("config.json", """
        {"model_type":"llama","max_position_embeddings":64,"hidden_size":32,"num_hidden_layers":1,"intermediate_size":64,"num_attention_heads":4}
        """u8.ToArray());

    private ModelFileException Refused(string expected)
    {
        ModelFileException error = Assert.Throws<ModelFileException>(() => ModelFile.Open(_folder.Root));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        return error;
    }
}
