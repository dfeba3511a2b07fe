namespace Winnow.Inference.Graph.Architectures;

/// <summary>
/// Gemma 3 (arXiv 2503.19786): as Gemma 2, with norms on query and key heads instead of capped scores; five layers with a window and their own
/// unscaled rotation base, then one without.
/// </summary>
internal static class Gemma3
{
    private const int LayersOf27B = 62;
    private const int DefaultPeriod = 6;
    private const float DefaultLocalBase = 10000;

    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields)
    {
        ModelConfiguration model = ModelConfigurationReader.ReadSizes(fields);
        int window = WindowReader.ReadTokens(fields, absent: 0);
        LayerBlock full = new()
        {
            Attention = new AttentionBlock
            {
                Scale = GemmaParts.Scale(model, LayersOf27B),
                HeadNorms = true,
                Rope = RopeReader.Read(fields, model, RopeStyle.Halves),
            },
            FeedForward = GemmaParts.FeedForward(fields),
            PostNorms = true,
        };
        return model with
        {
            EmbeddingScale = MathF.Sqrt(model.ModelSize),
            LogitSoftCap = fields.Number("final_logit_softcapping", 0, 0, 1e6f),
            LayerBlocks = window == 0
                ? CommonParts.Repeat(full, model.Layers)
                : CommonParts.Choose(WindowReader.ReadPattern(fields, model.Layers, DefaultPeriod), Local(fields, full, window), full),
        };
    }

    private static LayerBlock Local(ModelFields fields, LayerBlock full, int window)
    {
        RopeBlock rope = full.Attention.Rope with
        {
            Base = fields.Number("rope.freq_base_swa", DefaultLocalBase, 1, 1e12f),
            Factor = 1,
            Yarn = null,
            Magnitude = fields.Number("rope.scaling.attn_factor", 1, 1e-3f, 1e3f),
        };
        return full with { Attention = full.Attention with { Window = window, Rope = rope } };
    }
}
