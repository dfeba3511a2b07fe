using Winnow.Inference.Files;
using Winnow.Inference.Tokenizers;
using Winnow.Tests.Common;

namespace Winnow.Inference.Tests.Tokenizers;

/// <summary>Small byte-level tokenisers made for a test.</summary>
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
}
