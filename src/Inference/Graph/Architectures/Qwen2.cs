namespace Winnow.Inference.Graph.Architectures;

/// <summary>Qwen 2 and 2.5 and the models distilled into them (arXiv 2407.10671): biases on queries, keys and values.</summary>
internal static class Qwen2
{
    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields) =>
        CommonParts.DescribePlain(fields, headNorms: false, experts: null, ModelConfigurationReader.ReadFeedForwardSize(fields));
}
