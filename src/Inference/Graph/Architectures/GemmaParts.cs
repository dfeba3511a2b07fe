namespace Winnow.Inference.Graph.Architectures;

/// <summary>Parts of Gemma 2 and 3.</summary>
internal static class GemmaParts
{
    /// <summary>1 / sqrt(D), but 1 / sqrt(C / H) in the 27B models, which are known by their layers, as in llama.cpp.</summary>
    public static float Scale(ModelConfiguration model, int layersOf27B) =>
        CommonParts.HeadScale(model.Layers == layersOf27B ? model.ModelSize / model.Heads : model.HeadSize);

    /// <summary>GeGLU.</summary>
    public static FeedForwardBlock FeedForward(ModelFields fields) => new()
    {
        Size = ModelConfigurationReader.ReadFeedForwardSize(fields),
        Activation = Activation.GeluTanh,
    };
}
