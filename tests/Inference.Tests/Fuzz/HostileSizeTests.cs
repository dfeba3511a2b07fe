using System.Text;
using System.Text.Json.Nodes;
using Winnow.Inference.Files;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Fuzz;

/// <summary>Well-formed files of very many very small things: they must not take more memory or time than the bounds allow.</summary>
public sealed class HostileSizeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(3_000_000, "")]
    [InlineData(1_000_000, "a")]
    public void Gguf_ManyStrings_StaysInBounds(int count, string text) =>
        Use(new GgufBuilder().Set("tokenizer.ggml.model", "gpt2").Set("tokenizer.ggml.tokens", Enumerable.Repeat(text, count).ToArray()));

    [Fact]
    public void Gguf_ManyTokensAndMerges_StaysInBounds()
    {
        string[] tokens = [.. Enumerable.Range(0, 100_000).Select(Spelling)];
        Use(Tokens("gpt2", tokens).Set("tokenizer.ggml.merges", Enumerable.Range(0, 200_000).Select(i => $"{Spelling(i % 1000)} {Spelling(i / 1000)}").ToArray()));
    }

    [Fact]
    public void Gguf_TokensThatAreAllPartsOfEachOther_StaysInBounds()
    {
        Random random = new(1);
        string whole = new([.. Enumerable.Range(0, 400).Select(_ => (char)random.Next('a', 'z'))]);
        string[] tokens = [.. Enumerable.Range(1, 128).SelectMany(length => Enumerable.Range(0, whole.Length - length).Select(at => whole.Substring(at, length))).Distinct()];
        Use(Tokens("llama", tokens).Set("tokenizer.ggml.scores", Enumerable.Range(0, tokens.Length).Select(i => (float)-i).ToArray()));
    }

    [Fact]
    public void Gguf_TokenTypesInBytes_StaysInBounds() =>
        Use(Tokens("gpt2", ["a"]).Set("tokenizer.ggml.token_type", new byte[20_000_000]));

    [Fact]
    public void Gguf_ManyPairs_StaysInBounds()
    {
        GgufBuilder builder = new();
        for (int i = 0; i < 300_000; i++)
        {
            builder.SetRaw($"{i:x}", GgufValueType.UInt8, [1]);
        }
        Use(builder);
    }

    [Fact]
    public void Gguf_ManyTensors_StaysInBounds()
    {
        GgufBuilder builder = new GgufBuilder { Alignment = 1 }.Set("general.alignment", 1u);
        for (int i = 0; i < 300_000; i++)
        {
            builder.Tensor($"{i:x}", GgmlType.I8, [1], [0]);
        }
        Use(builder);
    }

    [Fact]
    public void Safetensors_ManyTensors_StaysInBounds()
    {
        StringBuilder header = new("{");
        for (int i = 0; i < 300_000; i++)
        {
            header.Append(i == 0 ? "" : ",").Append($"\"{i:x}\":{{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}");
        }
        _folder.Write("config.json", "{\"model_type\":\"llama\",\"hidden_size\":32,\"num_hidden_layers\":1,\"intermediate_size\":64,\"num_attention_heads\":4,\"max_position_embeddings\":64}"u8.ToArray());
        _folder.Write("model.safetensors", new SafetensorsBuilder { EditText = _ => header.Append('}').ToString() }.ToBytes());

        Assert.Equal(FuzzOutcome.Refused, FuzzRun.Model(_folder.Root));
    }

    [Fact]
    public void Index_ManyTensors_StaysInBounds()
    {
        _folder.Write("config.json", "{\"model_type\":\"llama\",\"hidden_size\":32,\"num_hidden_layers\":1,\"intermediate_size\":64,\"num_attention_heads\":4,\"max_position_embeddings\":64}"u8.ToArray());
        _folder.Write("model.safetensors.index.json", Encoding.UTF8.GetBytes(
            $"{{\"weight_map\":{{{string.Join(',', Enumerable.Range(0, 300_000).Select(i => $"\"{i:x}\":\"a.safetensors\""))}}}}}"));

        Assert.Equal(FuzzOutcome.Refused, FuzzRun.Model(_folder.Root));
    }

    [Fact]
    public void Config_ManyValues_StaysInBounds()
    {
        _folder.Write("config.json", Encoding.UTF8.GetBytes($"{{\"a\":[{string.Join(',', Enumerable.Repeat('0', 950_000))}]}}"));

        Assert.Equal(FuzzOutcome.Refused, FuzzRun.Model(_folder.Root));
    }

    [Fact]
    public void TokenizerJson_ManyTokensAndMerges_StaysInBounds()
    {
        using ModelFile file = ModelFile.Open(new TinyLlama().Write(_folder));
        HuggingFaceFolder folder = new(file);
        JsonObject model = folder.Tokenizer["model"]!.AsObject();
        model["vocab"] = new JsonObject(Enumerable.Range(0, 50_000).Select(i => KeyValuePair.Create(Spelling(i), (JsonNode?)i)));
        model["merges"] = new JsonArray([.. Enumerable.Range(0, 50_000).Select(i => (JsonNode)$"{Spelling(i % 1000)} {Spelling(i / 1000)}")]);

        FuzzRun.Tokenizer(folder.Write(_folder));
    }

    private static string Spelling(int number) => $"{(char)('A' + (number % 26))}{number:x}";

    // The tokeniser comes before the weights, which this file has none of.
    private static GgufBuilder Tokens(string model, string[] tokens) => new TinyLlama().Build()
        .Without("tokenizer.ggml.bos_token_id").Without("tokenizer.ggml.eos_token_id").Without("tokenizer.ggml.model").Without("tokenizer.ggml.tokens").Without("tokenizer.ggml.token_type").Without("tokenizer.ggml.merges")
        .Set("tokenizer.ggml.model", model).Set("tokenizer.ggml.tokens", tokens);

    private void Use(GgufBuilder builder) => FuzzRun.Model(_folder.Write("large.gguf", builder.ToBytes()));
}
