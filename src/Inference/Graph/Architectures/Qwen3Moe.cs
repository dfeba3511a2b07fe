namespace Winnow.Inference.Graph.Architectures;

/// <summary>Qwen 3 with experts (arXiv 2505.09388).</summary>
internal static class Qwen3Moe
{
    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields)
    {
        ExpertRouting experts = CommonParts.ReadExperts(fields, least: 1)!;
        int size = fields.Has("expert_feed_forward_length")
            ? fields.Integer("expert_feed_forward_length", 1, 1 << 20)
            : Math.Max(1, ModelConfigurationReader.ReadFeedForwardSize(fields) / experts.Used);
        return CommonParts.DescribePlain(fields, headNorms: true, experts, size);
    }
}
