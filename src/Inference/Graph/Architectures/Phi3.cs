namespace Winnow.Inference.Graph.Architectures;

/// <summary>
/// Phi 3, 3.5 and 4 mini (arXiv 2404.14219): gate and up in one tensor, LongRoPE, partly rotated heads. A window in the file is not applied, as
/// in llama.cpp.
/// </summary>
internal static class Phi3
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
                Rope = RopeReader.Read(fields, model, RopeStyle.Halves, RopeFactors.ByContext),
            },
            FeedForward = new FeedForwardBlock
            {
                Size = ModelConfigurationReader.ReadFeedForwardSize(fields),
                Activation = Activation.Silu,
                FusedGateAndUp = true,
            },
        };
        return model with { LayerBlocks = CommonParts.Repeat(layer, model.Layers) };
    }
}
