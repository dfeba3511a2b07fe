using System.Text.Json;
using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Small tokenisers made for a test.</summary>
internal static class TokenizerSample
{
    /// <summary>All 256 byte tokens, then <paramref name="extra"/> (name and type), with these merges.</summary>
    public static ITokenizer Create(string[] merges, (string Name, TokenType Type)[] extra, Action<GgufBuilder>? change = null)
    {
        string[] tokens = [.. Enumerable.Range(0, 256).Select(value => TinyLlama.ByteCharacter(value).ToString()), .. extra.Select(token => token.Name)];
        int[] types = [.. Enumerable.Repeat(1, 256), .. extra.Select(token => (int)token.Type)];
        GgufBuilder builder = new GgufBuilder()
            .Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", types)
            .Set("tokenizer.ggml.merges", merges);
        change?.Invoke(builder);
        return Read(builder);
    }

    /// <summary>The tokeniser of a file.</summary>
    public static ITokenizer Read(GgufBuilder builder)
    {
        using TemporaryFolder folder = new();
        using ModelFile file = ModelFile.Open(folder.Write("tokenizer.gguf", builder.ToBytes()));
        return TokenizerFactory.FromFile(file);
    }

    /// <summary>The tokeniser's pairs of the shipped model.</summary>
    public static GgufBuilder Shipped()
    {
        using ModelFile file = ModelFile.Open(Path.Combine(SharedFolder.RepositoryRoot, "models", "winnow-target-q8_0.gguf"));
        GgufBuilder builder = new();
        foreach (string key in file.Metadata.Keys.Where(key => key.StartsWith("tokenizer.", StringComparison.Ordinal)))
        {
            file.Metadata.TryGet(key, out GgufValue? value);
            builder.Set(key, value!.Value);
        }
        return builder;
    }

    /// <summary>A vocabulary of a file in this folder.</summary>
    public static GgufBuilder FromJson(string name)
    {
        JsonElement data = ReadJson(name);
        GgufBuilder builder = new GgufBuilder()
            .Set("tokenizer.ggml.model", data.GetProperty("model").GetString()!)
            .Set("tokenizer.ggml.tokens", data.GetProperty("tokens").EnumerateArray().Select(token => token.GetString()!).ToArray())
            .Set("tokenizer.ggml.token_type", data.GetProperty("types").EnumerateArray().Select(type => type.GetInt32()).ToArray());
        if (data.TryGetProperty("scores", out JsonElement scores))
        {
            builder.Set("tokenizer.ggml.scores", scores.EnumerateArray().Select(score => score.GetSingle()).ToArray());
        }
        foreach (JsonProperty role in data.GetProperty("special").EnumerateObject())
        {
            builder.Set($"tokenizer.ggml.{role.Name}_token_id", role.Value.GetUInt32());
        }
        return builder;
    }

    /// <summary>A file in this folder.</summary>
    public static JsonElement ReadJson(string name)
    {
        string path = Path.Combine(SharedFolder.RepositoryRoot, "tests", "Inference.Tests", "Tokenizers", name);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        return document.RootElement.Clone();
    }
}
