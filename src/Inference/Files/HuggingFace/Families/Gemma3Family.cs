namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>
/// Gemma 3, the language model of the text-only and of the multimodal folders: Gemma 2 with norms on queries and keys, no soft-capping, and
/// a rotation base of their own for layers with a sliding window.
/// </summary>
internal sealed class Gemma3Family() : Gemma2Family("gemma3")
{
    private const uint DefaultPattern = 6;
    private const string LocalLayer = "sliding_attention";

    // Prefixes of the language model in multimodal folders, of older and newer versions of transformers.
    private static readonly (string From, string To)[] Prefixes =
        [("language_model.lm_head.", "lm_head."), ("language_model.model.", "model."), ("model.language_model.", "model.")];

    /// <inheritdoc/>
    public override FamilyDefaults Defaults { get; } = new() { Heads = 8, KvHeads = 4, HeadSize = 256, ContextTokens = 131_072, RopeBase = 1e6 };

    /// <inheritdoc/>
    public override HuggingFaceConfig Text(HuggingFaceConfig whole) => whole.Section("text_config") ?? whole;

    /// <inheritdoc/>
    public override bool IsUnused(string tensor) => base.IsUnused(tensor)
        || tensor.Contains("vision_tower.", StringComparison.Ordinal) || tensor.Contains("multi_modal_projector.", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string? Name(string tensor)
    {
        foreach ((string from, string to) in Prefixes)
        {
            if (tensor.StartsWith(from, StringComparison.Ordinal))
            {
                return base.Name(to + tensor[from.Length..]);
            }
        }
        return base.Name(tensor);
    }

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        base.Describe(config, metadata);
        HuggingFaceConfig? local = config.Section("rope_parameters")?.Section(LocalLayer);
        double localBase = local?.Number("rope_theta", least: 1, most: 1e12) ?? config.Number("rope_local_base_freq", 10_000, 1, 1e12);
        metadata.Set(Key("rope.freq_base_swa"), (float)localBase);
        metadata.Set(Key("attention.sliding_window_pattern"), Pattern(config));
    }

    // Every n-th layer attends to everything; newer files list the layers' kinds instead of n.
    private static uint Pattern(HuggingFaceConfig config)
    {
        if (config.Texts("layer_types") is not { Length: > 0 } types)
        {
            return config.Integer("sliding_window_pattern", config.Integer("_sliding_window_pattern", DefaultPattern));
        }
        int first = Array.FindIndex(types, type => type != LocalLayer);
        uint period = first < 0 ? (uint)types.Length + 1 : (uint)first + 1;
        for (int i = 0; i < types.Length; i++)
        {
            if ((types[i] == LocalLayer) != ((i + 1) % period != 0))
            {
                throw config.Wrong($"layer_types[{i}]", types[i], $"a layer without a sliding window every {period} layers");
            }
        }
        return period;
    }
}
