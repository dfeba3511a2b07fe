namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Qwen 2 and 2.5: biases on query, key and value. A sliding window, if it is used at all, ends the context.</summary>
internal class Qwen2Family(string architecture = "qwen2") : HuggingFaceFamily(architecture)
{
    /// <inheritdoc/>
    protected override uint ContextTokens(HuggingFaceConfig config)
    {
        uint context = base.ContextTokens(config);
        return config.Bool("use_sliding_window") == true ? Math.Min(context, config.Integer("sliding_window", context)) : context;
    }
}
