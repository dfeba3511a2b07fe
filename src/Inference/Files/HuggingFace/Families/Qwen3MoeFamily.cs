namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Qwen 3 with experts in every layer.</summary>
internal sealed class Qwen3MoeFamily() : Qwen3Family("qwen3moe")
{
    /// <inheritdoc/>
    protected override string ExpertPrefix => "mlp.experts.";

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> ExpertModules { get; } =
        new Dictionary<string, string> { ["gate_proj"] = "ffn_gate", ["up_proj"] = "ffn_up", ["down_proj"] = "ffn_down" };

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        base.Describe(config, metadata);
        uint step = config.Integer("decoder_sparse_step", 1);
        if (step != 1)
        {
            throw config.Wrong("decoder_sparse_step", step, "1, experts in every layer");
        }
        if (config.Bool("norm_topk_prob") == false)
        {
            throw config.Wrong("norm_topk_prob", "false", "true, the weights of the chosen experts add up to 1");
        }
        metadata.Set(Key("expert_count"), config.Integer("num_experts"));
        metadata.Set(Key("expert_used_count"), config.Integer("num_experts_per_tok"));
        metadata.Set(Key("expert_feed_forward_length"), config.Integer("moe_intermediate_size"));
    }
}
