namespace Winnow.Inference.Graph.Architectures;

/// <summary>Parts that several architectures have.</summary>
internal static class CommonParts
{
    private const int MaxExperts = 1024;

    /// <summary>1 / sqrt(D).</summary>
    public static float HeadScale(int headSize) => 1f / MathF.Sqrt(headSize);

    /// <summary>The same block in every layer.</summary>
    public static IReadOnlyList<LayerBlock> Repeat(LayerBlock block, int layers) => [.. Enumerable.Repeat(block, layers)];

    /// <summary>A block for every layer: one where the flag is set, another where it is not.</summary>
    public static IReadOnlyList<LayerBlock> Choose(IReadOnlyList<bool> flags, LayerBlock set, LayerBlock unset) =>
        [.. flags.Select(flag => flag ? set : unset)];

    /// <summary>Attention that repeats in every layer, without window or cap, and a dense SwiGLU: Qwen's and many others' layer.</summary>
    public static ModelConfiguration DescribePlain(ModelFields fields, bool headNorms, ExpertRouting? experts, int feedForwardSize)
    {
        ModelConfiguration model = ModelConfigurationReader.ReadSizes(fields);
        LayerBlock layer = new()
        {
            Attention = new AttentionBlock
            {
                Scale = HeadScale(model.HeadSize),
                HeadNorms = headNorms,
                Rope = RopeReader.Read(fields, model, RopeStyle.Halves),
            },
            FeedForward = new FeedForwardBlock { Size = feedForwardSize, Activation = Activation.Silu, Experts = experts },
        };
        return model with { LayerBlocks = Repeat(layer, model.Layers) };
    }

    /// <summary>Experts and how many of them compute; null when the file has 0.</summary>
    public static ExpertRouting? ReadExperts(ModelFields fields, int least)
    {
        int count = fields.Integer("expert_count", least, MaxExperts);
        if (count == 0)
        {
            return null;
        }
        int used = fields.Integer("expert_used_count", 1, MaxExperts);
        return used <= count ? new ExpertRouting(count, used) : throw fields.Wrong("expert_used_count", used, $"1 to the {count} experts");
    }
}
