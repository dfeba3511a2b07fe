using Winnow.Inference.Files;

namespace Winnow.Tests.Common;

/// <summary>
/// A model of any architecture with a few thousand random weights and no tokeniser, for tests of the graph. Equal properties give equal bytes.
/// </summary>
public sealed record TinyModel
{
    /// <summary>Architecture as files name it.</summary>
    public required string Architecture { get; init; }

    /// <summary>Seed of the weights.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Layers.</summary>
    public int Layers { get; init; } = 3;

    /// <summary>C: width of a hidden state.</summary>
    public int ModelSize { get; init; } = 64;

    /// <summary>H: query heads.</summary>
    public int Heads { get; init; } = 4;

    /// <summary>G: key-value heads.</summary>
    public int KvHeads { get; init; } = 2;

    /// <summary>D: elements of a head.</summary>
    public int HeadSize { get; init; } = 16;

    /// <summary>F: width of the feed-forward layer or of an expert.</summary>
    public int FeedForwardSize { get; init; } = 96;

    /// <summary>Experts; 0 for a dense model.</summary>
    public int Experts { get; init; }

    /// <summary>One tensor for each expert.</summary>
    public bool SingleExperts { get; init; }

    /// <summary>V: tokens.</summary>
    public int VocabularySize { get; init; } = 267;

    /// <summary>Type of the matrices; vectors are F32.</summary>
    public GgmlType WeightType { get; init; } = GgmlType.F32;

    /// <summary>Every matrix but the embedding has a bias.</summary>
    public bool Biases { get; init; }

    /// <summary>Queries, keys and values are one tensor.</summary>
    public bool FusedAttention { get; init; }

    /// <summary>The head shares the embedding's matrix.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Further metadata, by key without the architecture.</summary>
    public IReadOnlyDictionary<string, object> Fields { get; init; } = new Dictionary<string, object>();

    /// <summary>Divisors of rotation frequencies, by tensor.</summary>
    public IReadOnlyDictionary<string, float[]> RopeFactors { get; init; } = new Dictionary<string, float[]>();

    /// <summary>A model of every architecture and of every variation of one, by name.</summary>
    public static IReadOnlyDictionary<string, TinyModel> All { get; } = new Dictionary<string, TinyModel>
    {
        ["llama with biases"] = new() { Architecture = "llama", Biases = true, Fields = Linear(4) },
        ["llama with yarn"] = new()
        {
            Architecture = "llama",
            Fields = new Dictionary<string, object>
            {
                ["rope.scaling.type"] = "yarn",
                ["rope.scaling.factor"] = 4f,
                ["rope.scaling.original_context_length"] = 64u,
            },
        },
        ["llama 3.1"] = new() { Architecture = "llama", RopeFactors = Factors("rope_freqs.weight"), TiedEmbeddings = true },
        ["mixtral"] = new() { Architecture = "llama", Experts = 4, Fields = new Dictionary<string, object> { ["expert_used_count"] = 2u } },
        ["mixtral in single experts"] = new()
        {
            Architecture = "llama",
            Experts = 4,
            SingleExperts = true,
            Fields = new Dictionary<string, object> { ["expert_used_count"] = 2u },
        },
        ["qwen2"] = new() { Architecture = "qwen2", TiedEmbeddings = true },
        ["qwen3"] = new() { Architecture = "qwen3", HeadSize = 24 },
        ["qwen3moe"] = new()
        {
            Architecture = "qwen3moe",
            Experts = 8,
            FeedForwardSize = 32,
            Fields = new Dictionary<string, object> { ["expert_used_count"] = 3u, ["expert_feed_forward_length"] = 32u },
        },
        ["qwen3moe in Q8_0"] = new()
        {
            Architecture = "qwen3moe",
            Experts = 8,
            FeedForwardSize = 32,
            WeightType = GgmlType.Q8_0,
            Fields = new Dictionary<string, object> { ["expert_used_count"] = 3u, ["expert_feed_forward_length"] = 32u },
        },
        ["gemma2"] = new()
        {
            Architecture = "gemma2",
            TiedEmbeddings = true,
            Fields = new Dictionary<string, object> { ["attention.sliding_window"] = 7u },
        },
        ["gemma3"] = new()
        {
            Architecture = "gemma3",
            HeadSize = 32,
            TiedEmbeddings = true,
            Fields = new Dictionary<string, object>(Linear(8))
            {
                ["attention.sliding_window"] = 20u,
                ["attention.sliding_window_pattern"] = (bool[])[true, false, true],
                ["rope.freq_base"] = 1e6f,
            },
        },
        ["phi3"] = new()
        {
            Architecture = "phi3",
            FusedAttention = true,
            HeadSize = 32,
            RopeFactors = Factors("rope_factors_long.weight", "rope_factors_short.weight"),
            Fields = new Dictionary<string, object>
            {
                ["rope.dimension_count"] = 16u,
                ["rope.scaling.attn_factor"] = 1.19f,
                ["rope.scaling.original_context_length"] = 128u,
            },
        },
    };

    private bool IsGemma => Architecture.StartsWith("gemma", StringComparison.Ordinal);

    /// <summary>The file as a builder, to change before it is written.</summary>
    public GgufBuilder Build()
    {
        Random random = new(Seed);
        GgufBuilder builder = new();
        SetFields(builder);
        Matrix(builder, random, "token_embd", ModelSize, VocabularySize);
        for (int layer = 0; layer < Layers; layer++)
        {
            AddAttention(builder, random, $"blk.{layer}.");
            AddFeedForward(builder, random, $"blk.{layer}.");
        }
        Norm(builder, random, "output_norm.weight", ModelSize);
        if (!TiedEmbeddings)
        {
            Part(builder, random, "output", ModelSize, VocabularySize);
        }
        foreach ((string name, float[] factors) in RopeFactors)
        {
            builder.Tensor(name, [factors.Length], factors);
        }
        return builder;
    }

    /// <summary>Writes the file and answers with its path.</summary>
    public string Write(TemporaryFolder folder, string name = "tiny-model.gguf") => folder.Write(name, Build().ToBytes());

    private static Dictionary<string, object> Linear(float factor) =>
        new() { ["rope.scaling.type"] = "linear", ["rope.scaling.factor"] = factor };

    private static Dictionary<string, float[]> Factors(params string[] names) =>
        names.ToDictionary(name => name, name => Enumerable.Range(0, 8).Select(i => 1 + (0.01f * name.Length * i)).ToArray());

    private void SetFields(GgufBuilder builder)
    {
        builder.Set("general.architecture", Architecture);
        Dictionary<string, object> fields = new()
        {
            ["block_count"] = (uint)Layers,
            ["context_length"] = 256u,
            ["embedding_length"] = (uint)ModelSize,
            ["feed_forward_length"] = (uint)FeedForwardSize,
            ["attention.head_count"] = (uint)Heads,
            ["attention.head_count_kv"] = (uint)KvHeads,
            ["attention.key_length"] = (uint)HeadSize,
            ["attention.value_length"] = (uint)HeadSize,
            ["attention.layer_norm_rms_epsilon"] = 1e-5f,
        };
        if (Experts > 0)
        {
            fields["expert_count"] = (uint)Experts;
        }
        foreach ((string key, object value) in Fields)
        {
            fields[key] = value;
        }
        foreach ((string key, object value) in fields)
        {
            builder.Set($"{Architecture}.{key}", value);
        }
    }

    private void AddAttention(GgufBuilder builder, Random random, string prefix)
    {
        Norm(builder, random, prefix + "attn_norm.weight", ModelSize);
        if (FusedAttention)
        {
            Part(builder, random, prefix + "attn_qkv", ModelSize, (Heads + (2 * KvHeads)) * HeadSize);
        }
        else
        {
            bool biased = Biases || Architecture == "qwen2";
            Part(builder, random, prefix + "attn_q", ModelSize, Heads * HeadSize, biased);
            Part(builder, random, prefix + "attn_k", ModelSize, KvHeads * HeadSize, biased);
            Part(builder, random, prefix + "attn_v", ModelSize, KvHeads * HeadSize, biased);
        }
        Part(builder, random, prefix + "attn_output", Heads * HeadSize, ModelSize);
        if (Architecture is "qwen3" or "qwen3moe" or "gemma3")
        {
            Norm(builder, random, prefix + "attn_q_norm.weight", HeadSize);
            Norm(builder, random, prefix + "attn_k_norm.weight", HeadSize);
        }
        if (IsGemma)
        {
            Norm(builder, random, prefix + "post_attention_norm.weight", ModelSize);
        }
    }

    private void AddFeedForward(GgufBuilder builder, Random random, string prefix)
    {
        Norm(builder, random, prefix + "ffn_norm.weight", ModelSize);
        if (IsGemma)
        {
            Norm(builder, random, prefix + "post_ffw_norm.weight", ModelSize);
        }
        if (Experts > 0)
        {
            AddExperts(builder, random, prefix);
            return;
        }
        if (Architecture == "phi3")
        {
            Part(builder, random, prefix + "ffn_up", ModelSize, 2 * FeedForwardSize);
        }
        else
        {
            Part(builder, random, prefix + "ffn_gate", ModelSize, FeedForwardSize);
            Part(builder, random, prefix + "ffn_up", ModelSize, FeedForwardSize);
        }
        Part(builder, random, prefix + "ffn_down", FeedForwardSize, ModelSize);
    }

    private void AddExperts(GgufBuilder builder, Random random, string prefix)
    {
        Matrix(builder, random, prefix + "ffn_gate_inp", ModelSize, Experts);
        foreach ((string name, int columns, int rows) in new[]
        {
            ("ffn_gate", ModelSize, FeedForwardSize), ("ffn_up", ModelSize, FeedForwardSize), ("ffn_down", FeedForwardSize, ModelSize),
        })
        {
            for (int expert = 0; SingleExperts && expert < Experts; expert++)
            {
                Matrix(builder, random, $"{prefix}{name}.{expert}", columns, rows);
            }
            if (!SingleExperts)
            {
                Matrix(builder, random, $"{prefix}{name}_exps", columns, rows, Experts);
            }
        }
    }

    private void Part(GgufBuilder builder, Random random, string name, int columns, int rows, bool? biased = null)
    {
        Matrix(builder, random, name, columns, rows);
        if (biased ?? Biases)
        {
            builder.Tensor(name + ".bias", [rows], Around(random, 0, rows));
        }
    }

    private void Matrix(GgufBuilder builder, Random random, string name, int columns, int rows, int experts = 0)
    {
        byte[] data = new byte[WeightType.RowBytes(columns) * rows * Math.Max(1, experts)];
        int blockBytes = WeightType.BlockBytes();
        for (int at = 0; at < data.Length; at += blockBytes)
        {
            RandomWeights.Fill(WeightType, data.AsSpan(at, blockBytes), random, 1 / MathF.Sqrt(columns));
        }
        builder.Tensor(name + ".weight", WeightType, experts == 0 ? [columns, rows] : [columns, rows, experts], data);
    }

    private static void Norm(GgufBuilder builder, Random random, string name, int count) => builder.Tensor(name, [count], Around(random, 1, count));

    private static float[] Around(Random random, float middle, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => middle + (0.2f * (float)((2 * random.NextDouble()) - 1)))];
}
