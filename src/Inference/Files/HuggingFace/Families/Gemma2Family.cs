namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Gemma 2: norms before and after each part (stored minus 1), soft-capping, and a sliding window in every other layer.</summary>
internal class Gemma2Family(string architecture = "gemma2") : HuggingFaceFamily(architecture)
{
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
        metadata.Set(Key("attention.scale"), (float)(1 / Math.Sqrt(config.Number("query_pre_attn_scalar", 256, 1e-6, 1e9))));
    }

    private void SetNumber(HuggingFaceConfig config, string name, GgufMetadataBuilder metadata)
    {
        if (config.Has(name))
        {
            metadata.Set(Key(name), (float)config.Number(name, least: 1e-3));
        }
    }
}
