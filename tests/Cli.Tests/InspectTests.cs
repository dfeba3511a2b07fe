using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Inference.Files;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow inspect</c>.</summary>
public sealed class InspectTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public async Task Inspect_Json_AgreesWithTheFile()
    {
        using var file = ModelFile.Open(Models.Draft);

        JsonElement json = (await Tool.RunAsync("inspect", Models.Draft, "--json")).Json();

        JsonAssert.Names(json, "file", "version", "bytes", "content_hash", "architecture", "parameters", "tensor_bytes", "types", "metadata", "tensors");
        Assert.Equal((3, file.ByteLength, file.ContentHash, "llama"),
            (json.GetProperty("version").GetInt32(), json.GetProperty("bytes").GetInt64(), json.GetProperty("content_hash").GetString(), json.GetProperty("architecture").GetString()));
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ElementCount), json.GetProperty("parameters").GetInt64());
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ByteLength), json.GetProperty("tensor_bytes").GetInt64());
        Assert.Equal(file.Metadata.Keys, json.GetProperty("metadata").EnumerateObject().Select(pair => pair.Name));
        Assert.Equal(file.Tensors.Count, json.GetProperty("types").EnumerateObject().Sum(type => type.Value.GetProperty("tensors").GetInt32()));
    }

    [Fact]
    public async Task Inspect_Json_HasTensorsAndArraysByTheirLength()
    {
        JsonElement json = (await Tool.RunAsync("inspect", models.Tiny, "--json")).Json();

        JsonElement tensor = json.GetProperty("tensors")[0];
        Assert.Equal("""{"name":"token_embd.weight","type":"F32","dimensions":[64,267],"bytes":68352}""", tensor.GetRawText());
        Assert.Equal("""{"type":"Array of String","length":267}""", json.GetProperty("metadata").GetProperty("tokenizer.ggml.tokens").GetRawText());
        Assert.Equal("""{"type":"UInt32","value":256}""", json.GetProperty("metadata").GetProperty("llama.context_length").GetRawText());
    }

    [Fact]
    public async Task Inspect_ForPeople_NamesWhatIsThere()
    {
        string output = (await Tool.RunAsync("inspect", models.Tiny)).Text();

        foreach (string expected in new[] { "GGUF version 3", "llama", "tiny-llama-test", "[267 elements]", "blk.1.ffn_down.weight", "96 x 64" })
        {
            Assert.Contains(expected, output, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("Ġthe", output, StringComparison.Ordinal);
    }
}
