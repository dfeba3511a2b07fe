namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Gemma 2: norms before and after each part (stored minus 1), soft-capping, and a sliding window in every other layer.</summary>
internal class Gemma2Family(string architecture = "gemma2") : HuggingFaceFamily(architecture)
{
    private static readonly uint[] LayersOf27B = [46, 62];

    /// <inheritdoc/>
    public override FamilyDefaults Defaults { get; } = new() { HeadSize = 256 };

    /// <inheritdoc/>
    protected override string Activation => "gelu_pytorch_tanh";

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> Modules { get; } = new Dictionary<string, string>
    {
        ["self_attn.q_norm"] = "attn_q_norm",
        ["self_attn.k_norm"] = "attn_k_norm",
        ["post_attention_layernorm"] = "post_attention_norm",
        ["pre_feedforward_layernorm"] = "ffn_norm",
        ["post_feedforward_layernorm"] = "post_ffw_norm",
    };

    /// <inheritdoc/>
    public override float NormOffset(string name) => name.EndsWith("norm.weight", StringComparison.Ordinal) ? 1 : 0;

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        base.Describe(config, metadata);
        config.Require("hidden_activation", Activation);
        SetNumber(config, "attn_logit_softcapping", metadata);
        SetNumber(config, "final_logit_softcapping", metadata);
        metadata.Set(Key("attention.sliding_window"), config.Integer("sliding_window", 4096));
        RequireScale(config);
    }

    // GGUF has no key for it: readers know the 27B models by their layers.
    private void RequireScale(HuggingFaceConfig config)
    {
        uint width = config.Integer("hidden_size");
        uint heads = config.Integer("num_attention_heads", Defaults.Heads);
        double expected = LayersOf27B.Contains(config.Integer("num_hidden_layers")) ? width / heads : HeadSize(config);
        double found = config.Number("query_pre_attn_scalar", expected);
        if (found != expected)
        {
            throw config.Wrong("query_pre_attn_scalar", found, FormattableString.Invariant($"{expected}, as in the published models"));
        }
    }

    private void SetNumber(HuggingFaceConfig config, string name, GgufMetadataBuilder metadata)
    {
        if (config.Has(name))
        {
            metadata.Set(Key(name), (float)config.Number(name, least: 1e-3));
        }
    }
}
