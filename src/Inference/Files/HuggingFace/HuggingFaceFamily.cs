using System.Collections.Frozen;
using System.Globalization;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// How one family of models names its tensors and configuration. This base is what most share: Llama's decoder. A family overrides what
/// it has differently, in one short class.
/// </summary>
/// <param name="architecture">GGUF's name of the architecture.</param>
internal abstract class HuggingFaceFamily(string architecture)
{
    private const string LayerPrefix = "model.layers.";

    private static readonly FrozenDictionary<string, string> SharedModules = new Dictionary<string, string>
    {
        ["input_layernorm"] = "attn_norm",
        ["self_attn.q_proj"] = "attn_q",
        ["self_attn.k_proj"] = "attn_k",
        ["self_attn.v_proj"] = "attn_v",
        ["self_attn.o_proj"] = "attn_output",
        ["post_attention_layernorm"] = "ffn_norm",
        ["mlp.gate_proj"] = "ffn_gate",
        ["mlp.up_proj"] = "ffn_up",
        ["mlp.down_proj"] = "ffn_down",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>GGUF's name of the architecture.</summary>
    public string Architecture { get; } = architecture;

    /// <summary>Values that the family's config.json may leave out.</summary>
    public virtual FamilyDefaults Defaults { get; } = new();

    /// <summary>The activation function that the family's graph has.</summary>
    protected virtual string Activation => "silu";

    /// <summary>Modules of a layer that the family has besides the shared ones, or under another meaning.</summary>
    protected virtual IReadOnlyDictionary<string, string> Modules { get; } = new Dictionary<string, string>();

    /// <summary>Where a layer keeps its experts, such as <c>mlp.experts.</c>; null for dense models.</summary>
    protected virtual string? ExpertPrefix => null;

    /// <summary>An expert's matrices by their last name.</summary>
    protected virtual IReadOnlyDictionary<string, string> ExpertModules { get; } = new Dictionary<string, string>();

    /// <summary>The part of config.json that describes the language model.</summary>
    public virtual HuggingFaceConfig Text(HuggingFaceConfig whole) => whole;

    /// <summary>Whether a tensor is of no meaning for text, and left out.</summary>
    public virtual bool IsUnused(string tensor) => tensor.EndsWith(".rotary_emb.inv_freq", StringComparison.Ordinal);

    /// <summary>What is added to a norm's weights.</summary>
    /// <param name="name">GGUF name of any tensor.</param>
    public virtual float NormOffset(string name) => 0;

    /// <summary>Elements of a head.</summary>
    public uint HeadSize(HuggingFaceConfig config)
    {
        if (config.Has("head_dim") || Defaults.HeadSize is not null)
        {
            return config.Integer("head_dim", Defaults.HeadSize);
        }
        uint width = config.Integer("hidden_size");
        uint heads = config.Integer("num_attention_heads", Defaults.Heads);
        return width % heads == 0 ? width / heads : throw config.Wrong("num_attention_heads", heads, $"a divisor of 'hidden_size' {width}");
    }

    /// <summary>Writes the model's sizes and constants under GGUF's keys.</summary>
    /// <exception cref="ModelFileException">A value is missing, or one that the graph does not have.</exception>
    public virtual void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        config.Require("hidden_act", Activation);
        uint heads = config.Integer("num_attention_heads", Defaults.Heads);
        metadata.Set(Key("context_length"), ContextTokens(config));
        metadata.Set(Key("embedding_length"), config.Integer("hidden_size"));
        metadata.Set(Key("block_count"), config.Integer("num_hidden_layers"));
        metadata.Set(Key("feed_forward_length"), config.Integer("intermediate_size"));
        metadata.Set(Key("attention.head_count"), heads);
        metadata.Set(Key("attention.head_count_kv"), config.Integer("num_key_value_heads", Defaults.KvHeads ?? heads));
        metadata.Set(Key("attention.key_length"), HeadSize(config));
        metadata.Set(Key("attention.value_length"), HeadSize(config));
        metadata.Set(Key("attention.layer_norm_rms_epsilon"), (float)config.Number("rms_norm_eps", 1e-6, most: 1));
        if (config.Has("vocab_size"))
        {
            metadata.Set(Key("vocab_size"), config.Integer("vocab_size"));
        }
        HuggingFaceRope.Describe(config, this, metadata);
    }

    /// <summary>GGUF's name of a tensor; null when the family has no such tensor.</summary>
    public virtual string? Name(string tensor)
    {
        switch (tensor)
        {
            case "model.embed_tokens.weight": return "token_embd.weight";
            case "model.norm.weight": return "output_norm.weight";
            case "lm_head.weight": return "output.weight";
        }
        if (!tensor.StartsWith(LayerPrefix, StringComparison.Ordinal) || !TryNumber(tensor, LayerPrefix.Length, out int layer, out int rest))
        {
            return null;
        }
        string module = tensor[rest..];
        int dot = module.LastIndexOf('.');
        return dot > 0 && module[dot..] is ".weight" or ".bias" && LayerModule(module[..dot]) is { } name
            ? string.Create(CultureInfo.InvariantCulture, $"blk.{layer}.{name}{module[dot..]}")
            : null;
    }

    /// <summary>A key under the architecture's name.</summary>
    protected string Key(string name) => $"{Architecture}.{name}";

    /// <summary>Longest sequence.</summary>
    protected virtual uint ContextTokens(HuggingFaceConfig config) => config.Integer("max_position_embeddings", Defaults.ContextTokens);

    private string? LayerModule(string module)
    {
        if (ExpertPrefix is { } prefix && module.StartsWith(prefix, StringComparison.Ordinal))
        {
            return TryNumber(module, prefix.Length, out int expert, out int rest) && ExpertModules.TryGetValue(module[rest..], out string? matrix)
                ? string.Create(CultureInfo.InvariantCulture, $"{matrix}.{expert}")
                : null;
        }
        return Modules.TryGetValue(module, out string? own) ? own : SharedModules.GetValueOrDefault(module);
    }

    private static bool TryNumber(string text, int start, out int number, out int rest)
    {
        int dot = text.IndexOf('.', start);
        rest = dot + 1;
        number = 0;
        return dot > 0 && int.TryParse(text.AsSpan(start, dot - start), NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
