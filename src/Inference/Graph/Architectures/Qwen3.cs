namespace Winnow.Inference.Graph.Architectures;

/// <summary>Qwen 3 (arXiv 2505.09388): norms on query and key heads.</summary>
internal static class Qwen3
{
    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields) =>
        CommonParts.DescribePlain(fields, headNorms: true, experts: null, ModelConfigurationReader.ReadFeedForwardSize(fields));
}
