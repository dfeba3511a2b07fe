namespace Winnow.Inference.Files;

/// <summary>How a model is stored.</summary>
public enum ModelFileFormat
{
    /// <summary>One GGUF file, or the parts of a split one.</summary>
    Gguf,

    /// <summary>A Hugging Face folder: config.json, safetensors files and tokenizer.json.</summary>
    Safetensors,
}
