namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Phi-3, 3.5 and 4-mini: query, key and value in one matrix, gate and up in another.</summary>
internal sealed class Phi3Family() : HuggingFaceFamily("phi3")
{
    /// <inheritdoc/>
    protected override IReadOnlyDictionary<string, string> Modules { get; } =
        new Dictionary<string, string> { ["self_attn.qkv_proj"] = "attn_qkv", ["mlp.gate_up_proj"] = "ffn_up" };

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        base.Describe(config, metadata);
        if (config.Has("sliding_window"))
        {
            metadata.Set(Key("attention.sliding_window"), config.Integer("sliding_window"));
        }
    }
}
