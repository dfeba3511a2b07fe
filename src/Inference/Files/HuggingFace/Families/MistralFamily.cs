namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Mistral. The graph attends to everything, so the context ends where a sliding window would begin to differ.</summary>
internal class MistralFamily : LlamaFamily
{
    /// <inheritdoc/>
    protected override uint ContextTokens(HuggingFaceConfig config)
    {
        uint context = base.ContextTokens(config);
        return Math.Min(context, config.Integer("sliding_window", context));
    }
}
