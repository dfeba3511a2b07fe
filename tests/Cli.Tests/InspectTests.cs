using System.Text.Json;
using Winnow.Cli.Tests.Support;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Cli.Tests;

/// <summary><c>winnow inspect</c>.</summary>
public sealed class InspectTests(Models models) : IClassFixture<Models>
{
    [Fact]
    public async Task Inspect_Json_AgreesWithTheFile()
    {
        using var file = ModelFile.Open(Models.Draft);

        JsonElement json = (await Tool.RunAsync("inspect", Models.Draft, "--json")).Json();

        JsonAssert.Names(json, "file", "format", "version", "parts", "bytes", "content_hash", "architecture", "parameters", "tensor_bytes", "types", "model", "tokenizer",
            "template", "problems", "metadata", "tensors");
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
    public async Task Inspect_Json_HasTheModelsSizesAndNeeds()
    {
        JsonElement json = (await Tool.RunAsync("inspect", models.Tiny, "--json")).Json();

        JsonElement model = json.GetProperty("model");
        JsonAssert.Names(model, "name", "context_tokens", "layers", "model_size", "feed_forward_size", "heads", "kv_heads", "head_size", "vocabulary_size", "tied_embeddings", "memory");
        JsonElement memory = model.GetProperty("memory");
        JsonElement need = memory.GetProperty("needs")[1];
        Assert.Equal((256, 4), (need.GetProperty("context_tokens").GetInt32(), need.GetProperty("batch").GetInt32()));
        // 256 tokens of 4 sequences, 2 layers, 2 heads of 16 elements, keys and values in halves.
        Assert.Equal(256 * 4 * 2 * 2 * 16 * 2 * 2, need.GetProperty("kv_bytes").GetInt64());
        Assert.Equal(json.GetProperty("tensor_bytes").GetInt64(), memory.GetProperty("weights_bytes").GetInt64());
        Assert.Equal(memory.GetProperty("weights_bytes").GetInt64() + memory.GetProperty("scratch_bytes").GetInt64() + need.GetProperty("kv_bytes").GetInt64(), need.GetProperty("total_bytes").GetInt64());
    }

    [Fact]
    public async Task Inspect_Json_HasTokeniserTemplateAndShares()
    {
        JsonElement json = (await Tool.RunAsync("inspect", models.Tiny, "--json")).Json();

        Assert.Equal("""{"vocabulary":267,"special":3,"begin":{"id":264,"text":"<s>"},"adds_begin":true,"ends":[{"id":265,"text":"</s>"}]}""", json.GetProperty("tokenizer").GetRawText());
        Assert.StartsWith("{% for message in messages %}", json.GetProperty("template").GetString(), StringComparison.Ordinal);
        Assert.Equal((1.0, 1.0), (json.GetProperty("types").GetProperty("F32").GetProperty("share_of_bytes").GetDouble(), json.GetProperty("types").GetProperty("F32").GetProperty("share_of_weights").GetDouble()));
    }

    [Fact]
    public async Task Inspect_FileThatIsNoModel_SaysWhyAndStillPrintsWhatIsThere()
    {
        JsonElement json = (await Tool.RunAsync("inspect", models.NoTokenizer, "--json")).Json();

        Assert.Equal(JsonValueKind.Null, json.GetProperty("model").ValueKind);
        Assert.Contains(json.Strings("problems"), problem => problem.Contains("llama.embedding_length", StringComparison.Ordinal));
        Assert.Equal("x", json.GetProperty("tensors")[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task Inspect_WithADraftOfTheSameTokeniser_SaysThatItCanDraft()
    {
        JsonElement with = (await Tool.RunAsync("inspect", Models.Target, "--with", Models.Draft, "--json")).Json().GetProperty("with");

        JsonAssert.Names(with, "draft", "translated", "target_rows", "draft_rows", "weight_ratio", "draft_context_tokens", "vocabulary", "verdict");
        Assert.False(with.GetProperty("translated").GetBoolean());
        Assert.True(with.GetProperty("vocabulary").GetProperty("is_same").GetBoolean());
        Assert.InRange(with.GetProperty("weight_ratio").GetDouble(), 0.05, 0.2);
    }

    [Fact]
    public async Task Inspect_WithADraftOfAnotherTokeniser_SaysHowTheyDiffer()
    {
        string[] arguments = ["inspect", models.Tiny, "--with", Models.Draft];
        JsonElement with = (await Tool.RunAsync([.. arguments, "--json"])).Json().GetProperty("with");
        string text = (await Tool.RunAsync(arguments)).Text();

        JsonElement vocabulary = with.GetProperty("vocabulary");
        Assert.True(with.GetProperty("translated").GetBoolean());
        Assert.Equal((267, 2048, false), (vocabulary.GetProperty("target_tokens").GetInt32(), vocabulary.GetProperty("draft_tokens").GetInt32(), vocabulary.GetProperty("is_same").GetBoolean()));
        Assert.Equal(10, vocabulary.GetProperty("first_differences").GetArrayLength());
        Assert.InRange(vocabulary.GetProperty("differing_tokens").GetInt32(), 11, 267);
        Assert.Contains("Can draft: its drafts are translated into the target's tokens", text, StringComparison.Ordinal);
        Assert.Contains("264, the draft's 2043", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_HuggingFaceFolder_LooksLikeTheGgufFile()
    {
        using var file = ModelFile.Open(models.Tiny);
        using TemporaryFolder folder = new();
        string path = new HuggingFaceFolder(file, shards: 2).Write(folder);

        JsonElement json = (await Tool.RunAsync("inspect", path, "--json")).Json();

        Assert.Equal(("safetensors", 0, "llama"), (json.GetProperty("format").GetString(), json.GetProperty("version").GetInt32(), json.GetProperty("architecture").GetString()));
        Assert.Equal(file.Tensors.Sum(tensor => tensor.ElementCount), json.GetProperty("parameters").GetInt64());
        Assert.Equal(256, json.GetProperty("model").GetProperty("context_tokens").GetInt32());
        Assert.Contains(json.GetProperty("parts").EnumerateArray(), part => part.GetProperty("file").GetString() == Path.Combine(path, "model-00002-of-00002.safetensors"));
    }

    [Fact]
    public async Task Inspect_ForPeople_NamesWhatIsThere()
    {
        string output = (await Tool.RunAsync("inspect", models.Tiny)).Text();

        foreach (string expected in new[] { "GGUF version 3", "llama", "tiny-llama-test", "[267 elements]", "blk.1.ffn_down.weight", "96 x 64", "256 tokens", "265 '</s>'", "100.0 % of the weights" })
        {
            Assert.Contains(expected, output, StringComparison.Ordinal);
        }
        Assert.DoesNotContain("Ġthe", output, StringComparison.Ordinal);
    }
}
