namespace Winnow.Inference.Graph.Architectures;

/// <summary>Gemma 2 (arXiv 2408.00118): norms after as well as before, capped scores and logits, a window in every other layer.</summary>
internal static class Gemma2
{
    private const int LayersOf27B = 46;
    private const int DefaultWindow = 4096;
    private const int DefaultPeriod = 2;
    private const float DefaultAttentionCap = 50;
    private const float DefaultLogitCap = 30;
    private const float MostCap = 1e6f;

    /// <summary>The graph of a file.</summary>
    public static ModelConfiguration Describe(ModelFields fields)
    {
        ModelConfiguration model = ModelConfigurationReader.ReadSizes(fields);
        int window = WindowReader.ReadTokens(fields, DefaultWindow);
        if (window == 0)
        {
            throw fields.Wrong("attention.sliding_window", window, "at least 1 token");
        }
        RopeBlock rope = RopeReader.Read(fields, model, RopeStyle.Halves);
        LayerBlock full = new()
        {
            Attention = new AttentionBlock
            {
                Scale = GemmaParts.Scale(model, LayersOf27B),
                SoftCap = fields.Number("attn_logit_softcapping", DefaultAttentionCap, 1e-3f, MostCap),
                Rope = rope,
            },
            FeedForward = GemmaParts.FeedForward(fields),
            PostNorms = true,
        };
        RopeBlock localRope = rope with { Base = fields.Number("rope.freq_base_swa", rope.Base, 1, 1e12f) };
        LayerBlock local = full with { Attention = full.Attention with { Window = window, Rope = localRope } };
        return model with
        {
            EmbeddingScale = MathF.Sqrt(model.ModelSize),
            LogitSoftCap = fields.Number("final_logit_softcapping", DefaultLogitCap, 1e-3f, MostCap),
            LayerBlocks = CommonParts.Choose(WindowReader.ReadPattern(fields, model.Layers, DefaultPeriod), local, full),
        };
    }
}
