using System.Collections.Frozen;
using System.Text.Json;
using Winnow.Inference.Files.HuggingFace.Families;

namespace Winnow.Inference.Files.HuggingFace;

/// <summary>
/// Opens a Hugging Face folder (config.json, safetensors, tokenizer.json) and gives it the keys and tensor names that llama.cpp's converter
/// would give it, so that everything after it sees one kind of model. Query and key rows stay in their original order.
/// </summary>
internal static class HuggingFaceModelReader
{
    private const string ConfigName = "config.json";

    // They decide what text becomes of tokens, so they belong to the model's content.
    private static readonly string[] TokenizerNames = ["tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.jinja"];

    private static readonly FrozenDictionary<string, HuggingFaceFamily> Families = new Dictionary<string, HuggingFaceFamily>
    {
        ["llama"] = new LlamaFamily(),
        ["mistral"] = new MistralFamily(),
        ["mixtral"] = new MixtralFamily(),
        ["qwen2"] = new Qwen2Family(),
        ["qwen3"] = new Qwen3Family(),
        ["qwen3_moe"] = new Qwen3MoeFamily(),
        ["gemma2"] = new Gemma2Family(),
        ["gemma3"] = new Gemma3Family(),
        ["gemma3_text"] = new Gemma3Family(),
        ["phi3"] = new Phi3Family(),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Opens and checks.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="source">Brings the files' bytes, or <see langword="null"/> when all of them are there.</param>
    /// <exception cref="ModelFileException">A file is missing or wrong, or the model is of a family that is not known.</exception>
    public static ModelFileContents Read(string folder, IModelSource? source)
    {
        string configPath = Path.Combine(folder, ConfigName);
        if (!File.Exists(configPath))
        {
            throw new ModelFileException(configPath, "path", "missing", $"a Hugging Face folder with {ConfigName}; of a GGUF model give the file");
        }
        List<ModelFilePart> parts = [];
        try
        {
            ModelFilePart configFile = ModelFilePart.Map(configPath, "a model's configuration", source);
            parts.Add(configFile);
            HuggingFaceConfig whole = new(configFile.Path, HuggingFaceJson.Parse(configFile));
            return HuggingFaceJson.Guard(configFile.Path, () => Read(folder, whole, parts, source));
        }
        catch
        {
            parts.ForEach(part => part.Dispose());
            throw;
        }
    }

    private static ModelFileContents Read(string folder, HuggingFaceConfig whole, List<ModelFilePart> parts, IModelSource? source)
    {
        string type = whole.Text("model_type") ?? throw whole.Wrong("model_type", "missing", "the name of a model family");
        HuggingFaceFamily? family = Eagle3Family.IsHead(whole) ? new Eagle3Family() : Families.GetValueOrDefault(type);
        if (family is null)
        {
            throw whole.Wrong("model_type", type, $"one of {string.Join(", ", Families.Keys.Order(StringComparer.Ordinal))}");
        }
        if (whole.Has("quantization_config"))
        {
            throw whole.Wrong("quantization_config", "there", "weights in BF16, F16 or F32; use the model's own folder, or a quantised GGUF file");
        }
        HuggingFaceConfig config = family.Text(whole);
        GgufMetadataBuilder metadata = new(whole.Path);
        metadata.Set("general.architecture", family.Architecture);
        metadata.Set("general.name", whole.Text("_name_or_path") is { Length: > 0 } name ? name : new DirectoryInfo(folder).Name);
        family.Describe(config, metadata);
        foreach (string file in TokenizerNames.Where(file => File.Exists(Path.Combine(folder, file))))
        {
            parts.Add(ModelFilePart.Map(Path.Combine(folder, file), "a part of the tokeniser", source));
        }
        if (HuggingFaceTemplate.Find(parts) is { } template)
        {
            metadata.Set("tokenizer.chat_template", template);
        }
        HuggingFaceTensors tensors = new(family, whole, config, parts);
        tensors.Map(SafetensorsShards.Read(folder, parts, source));
        return new ModelFileContents
        {
            Format = ModelFileFormat.Safetensors,
            Folder = folder,
            Parts = parts,
            Metadata = metadata.Build(),
            Tensors = tensors.Complete(),
        };
    }
}
