namespace Winnow.Inference.Graph.Architectures;

/// <summary>
/// Llama 2 and 3, Mistral, SmolLM, TinyLlama (arXiv 2302.13971, 2407.21783) and, with experts, Mixtral (arXiv 2401.04088). A window in the file
/// (Mistral 7B v0.1) is not applied, as in llama.cpp.
/// </summary>
internal static class Llama
{
    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields)
    {
        ModelConfiguration model = ModelConfigurationReader.ReadSizes(fields);
        LayerBlock layer = new()
        {
            Attention = new AttentionBlock
            {
                Scale = CommonParts.HeadScale(model.HeadSize),
                Rope = RopeReader.Read(fields, model, RopeStyle.Interleaved, RopeFactors.Fixed),
            },
            FeedForward = new FeedForwardBlock
            {
                Size = ModelConfigurationReader.ReadFeedForwardSize(fields),
                Activation = Activation.Silu,
                Experts = fields.Has("expert_count") ? CommonParts.ReadExperts(fields, least: 0) : null,
            },
        };
        return model with { LayerBlocks = CommonParts.Repeat(layer, model.Layers) };
    }
}
