namespace Winnow.Inference.Files.HuggingFace.Families;

/// <summary>Llama 2 and 3, and what has their layers: TinyLlama, SmolLM, the DeepSeek-R1 distils of Llama.</summary>
internal class LlamaFamily() : HuggingFaceFamily("llama");
