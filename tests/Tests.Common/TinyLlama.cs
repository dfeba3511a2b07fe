using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>
/// A Llama model of a few thousand random weights with a byte-level BPE tokeniser: 256 byte tokens, a few merges, begin and end tokens.
/// Equal properties give equal bytes.
/// </summary>
public sealed record TinyLlama
{
    /// <summary>Seed of the weights.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 2;

    /// <summary>C: width of a hidden state, a multiple of the weight type's block and of <see cref="Heads"/>.</summary>
    public int ModelSize { get; init; } = 64;

    /// <summary>H: query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>G: key-value heads, a divisor of <see cref="Heads"/>.</summary>
    public int KvHeads { get; init; } = 2;

    /// <summary>Width of the feed-forward layer, a multiple of the weight type's block.</summary>
    public int FeedForwardSize { get; init; } = 96;

    /// <summary>Longest sequence.</summary>
    public int ContextTokens { get; init; } = 256;

    /// <summary>Type of the matrices, any that the CPU backend computes with; norms are F32.</summary>
    public GgmlType WeightType { get; init; } = GgmlType.F32;

    /// <summary>The head shares the embedding's matrix.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Standard deviation of the weights, times the square root of the row length.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>Chat template, or null for none.</summary>
    public string? ChatTemplate { get; init; } =
        "{% for message in messages %}<{{ message.role }}>{{ message.content }}\n{% endfor %}{% if add_generation_prompt %}<assistant>{% endif %}";

    /// <summary>V: tokens of the tokeniser.</summary>
    public int VocabularySize => Tokens().Length;

    /// <summary>The file as a builder, to change before it is written.</summary>
    public GgufBuilder Build()
    {
        Random random = new(Seed);
        GgufBuilder builder = new();
        SetHyperparameters(builder);
        SetTokenizer(builder);
        int kvSize = ModelSize / Heads * KvHeads;
        Matrix(builder, random, "token_embd.weight", ModelSize, VocabularySize);
        for (int layer = 0; layer < Layers; layer++)
        {
            string prefix = $"blk.{layer}";
            Norm(builder, random, $"{prefix}.attn_norm.weight");
            Matrix(builder, random, $"{prefix}.attn_q.weight", ModelSize, ModelSize);
            Matrix(builder, random, $"{prefix}.attn_k.weight", ModelSize, kvSize);
            Matrix(builder, random, $"{prefix}.attn_v.weight", ModelSize, kvSize);
            Matrix(builder, random, $"{prefix}.attn_output.weight", ModelSize, ModelSize);
            Norm(builder, random, $"{prefix}.ffn_norm.weight");
            Matrix(builder, random, $"{prefix}.ffn_gate.weight", ModelSize, FeedForwardSize);
            Matrix(builder, random, $"{prefix}.ffn_up.weight", ModelSize, FeedForwardSize);
            Matrix(builder, random, $"{prefix}.ffn_down.weight", FeedForwardSize, ModelSize);
        }
        Norm(builder, random, "output_norm.weight");
        if (!TiedEmbeddings)
        {
            Matrix(builder, random, "output.weight", ModelSize, VocabularySize);
        }
        return builder;
    }

    /// <summary>Writes the file and answers with its path.</summary>
    public string Write(TemporaryFolder folder, string name = "tiny-llama.gguf") => folder.Write(name, Build().ToBytes());

    /// <summary>The character that stands for a byte in byte-level BPE (GPT-2's table).</summary>
    public static char ByteCharacter(int value)
    {
        if (IsPrintable(value))
        {
            return (char)value;
        }
        int index = 0;
        for (int other = 0; other < value; other++)
        {
            index += IsPrintable(other) ? 0 : 1;
        }
        return (char)(256 + index);
    }

    private static bool IsPrintable(int value) => value is (>= '!' and <= '~') or (>= 0xA1 and <= 0xAC) or (>= 0xAE and <= 0xFF);

    private static string[] Tokens() =>
        [.. Enumerable.Range(0, 256).Select(value => ByteCharacter(value).ToString()), "he", "in", "th", "Ġthe", "hell", "Ġt", "ll", "lo", "<s>", "</s>", "<|pad|>"];

    private void SetHyperparameters(GgufBuilder builder)
    {
        builder.Set("general.architecture", "llama")
            .Set("general.name", "tiny-llama-test")
            .Set("llama.block_count", (uint)Layers)
            .Set("llama.context_length", (uint)ContextTokens)
            .Set("llama.embedding_length", (uint)ModelSize)
            .Set("llama.feed_forward_length", (uint)FeedForwardSize)
            .Set("llama.attention.head_count", (uint)Heads)
            .Set("llama.attention.head_count_kv", (uint)KvHeads)
            .Set("llama.attention.layer_norm_rms_epsilon", 1e-5f)
            .Set("llama.rope.dimension_count", (uint)(ModelSize / Heads))
            .Set("llama.rope.freq_base", 10000f)
            .Set("llama.vocab_size", (uint)VocabularySize);
    }

    private void SetTokenizer(GgufBuilder builder)
    {
        string[] tokens = Tokens();
        int[] types = [.. tokens.Select(token => token.StartsWith('<') && token.Length > 1 ? 3 : 1)];
        builder.Set("tokenizer.ggml.model", "gpt2")
            .Set("tokenizer.ggml.pre", "gpt-2")
            .Set("tokenizer.ggml.tokens", tokens)
            .Set("tokenizer.ggml.token_type", types)
            .Set("tokenizer.ggml.merges", (string[])["h e", "i n", "t h", "Ġ t", "l l", "l o", "he ll", "Ġt he"])
            .Set("tokenizer.ggml.bos_token_id", (uint)Array.IndexOf(tokens, "<s>"))
            .Set("tokenizer.ggml.eos_token_id", (uint)Array.IndexOf(tokens, "</s>"))
            .Set("tokenizer.ggml.add_bos_token", true);
        if (ChatTemplate is not null)
        {
            builder.Set("tokenizer.chat_template", ChatTemplate);
        }
    }

    private void Norm(GgufBuilder builder, Random random, string name)
    {
        float[] values = new float[ModelSize];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = 1 + 0.1f * (float)(2 * random.NextDouble() - 1);
        }
        builder.Tensor(name, [ModelSize], values);
    }

    private void Matrix(GgufBuilder builder, Random random, string name, int rowElements, int rows)
    {
        float deviation = Scale / MathF.Sqrt(rowElements);
        byte[] data = new byte[WeightType.RowBytes(rowElements) * rows];
        int blockBytes = WeightType.BlockBytes();
        for (int at = 0; at < data.Length; at += blockBytes)
        {
            RandomWeights.Fill(WeightType, data.AsSpan(at, blockBytes), random, deviation);
        }
        builder.Tensor(name, WeightType, [rowElements, rows], data);
    }
}
