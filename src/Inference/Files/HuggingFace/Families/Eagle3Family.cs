using System.Text.Json;

namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Heads of EAGLE-3's kind as they are published: no model, but what drafts for one; their tensors keep their names (docs/speculation.md).</summary>
internal sealed class Eagle3Family() : HuggingFaceFamily("eagle3")
{
    private const string LayersName = "eagle_aux_hidden_state_layer_ids";

    /// <summary>Whether a configuration is a head's: it has the model type of its target.</summary>
    public static bool IsHead(HuggingFaceConfig config) =>
        config.Texts("architectures")?.Any(name => name.EndsWith("Eagle3", StringComparison.Ordinal)) == true;

    /// <inheritdoc/>
    public override bool IsUnused(string tensor) => tensor == "t2d" || base.IsUnused(tensor);

    /// <inheritdoc/>
    public override string? Name(string tensor) => tensor;

    /// <inheritdoc/>
    public override void Describe(HuggingFaceConfig config, GgufMetadataBuilder metadata)
    {
        config.Require("hidden_act", Activation);
        uint heads = config.Integer("num_attention_heads");
        metadata.Set(Key("embedding_length"), config.Integer("hidden_size"));
        metadata.Set(Key("attention.head_count"), heads);
        metadata.Set(Key("attention.head_count_kv"), config.Integer("num_key_value_heads", heads));
        metadata.Set(Key("attention.layer_norm_rms_epsilon"), (float)config.Number("rms_norm_eps", 1e-5));
        metadata.Set(Key("rope.freq_base"), (float)config.Number("rope_theta", 10000, 1));
        if (config.Value(LayersName) is { ValueKind: JsonValueKind.Array } layers)
        {
            metadata.Set(Key("target_layers"), [.. layers.EnumerateArray().Select(layer =>
                layer.ValueKind == JsonValueKind.Number && layer.TryGetInt32(out int number) ? number : throw config.Wrong(LayersName, layer, "an array of integers"))]);
        }
    }
}
