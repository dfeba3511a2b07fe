namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Mixtral: Mistral with experts.</summary>
internal sealed class MixtralFamily : MistralFamily
{
    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> Modules { get; } = new Dictionary<string, string> { ["block_sparse_moe.gate"] = "ffn_gate_inp" };

    /// <inheritdoc/>
    protected override string ExpertPrefix => "block_sparse_moe.experts.";

    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> ExpertModules { get; } =
        new Dictionary<string, string> { ["w1"] = "ffn_gate", ["w2"] = "ffn_down", ["w3"] = "ffn_up" };

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        base.Describe(config, metadata);
        metadata.Set(Key("expert_count"), config.Integer("num_local_experts"));
        metadata.Set(Key("expert_used_count"), config.Integer("num_experts_per_tok"));
    }
}
