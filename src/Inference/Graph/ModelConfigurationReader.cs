using System.Collections.Frozen;
using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>Reads a <see cref="ModelConfiguration"/> from a GGUF file's metadata (keys as llama.cpp writes them) and checks every value.</summary>
public static class ModelConfigurationReader
{
    private const int MaxLayers = 1024;
    private const int MaxWidth = 1 << 20;
    private const int MaxHeads = 4096;
    private const int MaxHeadSize = 1024;
    private const int MaxContext = 1 << 20;

    private static readonly FrozenDictionary<string, RopeStyle> Architectures = new Dictionary<string, RopeStyle>
    {
        ["llama"] = RopeStyle.Interleaved,
        ["qwen2"] = RopeStyle.Halves,
        ["qwen3"] = RopeStyle.Halves,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Architectures that <see cref="Read"/> accepts.</summary>
    public static IReadOnlyList<string> KnownArchitectures { get; } = [.. Architectures.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Reads and checks.</summary>
    /// <exception cref="ModelFileException">A value is missing, out of range, or does not fit the others.</exception>
    public static ModelConfiguration Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string architecture = file.Metadata.GetString("general.architecture");
        if (!Architectures.TryGetValue(architecture, out RopeStyle ropeStyle))
        {
            throw new ModelFileException(
                file.Path, "metadata 'general.architecture'", architecture, $"one of {string.Join(", ", KnownArchitectures)}");
        }
        Fields fields = new(file, architecture);
        int modelSize = fields.Integer("embedding_length", 1, MaxWidth);
        int heads = fields.Integer("attention.head_count", 1, MaxHeads);
        int headSize = ReadHeadSize(fields, modelSize, heads);
        return new ModelConfiguration
        {
            Architecture = architecture,
            Name = file.Metadata.TryGetString("general.name", out string? name) ? name : architecture,
            ContextTokens = fields.Integer("context_length", 1, MaxContext),
            Layers = fields.Integer("block_count", 1, MaxLayers),
            ModelSize = modelSize,
            FeedForwardSize = fields.Integer("feed_forward_length", 1, MaxWidth),
            Heads = heads,
            KvHeads = ReadKvHeads(fields, heads),
            HeadSize = headSize,
            VocabularySize = ReadVocabulary(file, fields),
            NormEpsilon = fields.Number("attention.layer_norm_rms_epsilon", null, 0, 1),
            RopeDimensions = ReadRopeDimensions(fields, headSize),
            RopeBase = fields.Number("rope.freq_base", 10000f, 1, 1e12f),
            RopeLinearFactor = ReadLinearFactor(file, fields),
            // A folder's query and key rows are in their original order, which llama.cpp's converter changes for some architectures.
            RopeStyle = file.Format == ModelFileFormat.Safetensors ? RopeStyle.Halves : ropeStyle,
            TiedEmbeddings = !file.TryGetTensor("output.weight", out _),
        };
    }

    private static int ReadHeadSize(Fields fields, int modelSize, int heads)
    {
        int keySize;
        if (fields.Has("attention.key_length"))
        {
            keySize = fields.Integer("attention.key_length", 2, MaxHeadSize);
        }
        else if (modelSize % heads == 0 && modelSize / heads is >= 2 and <= MaxHeadSize)
        {
            keySize = modelSize / heads;
        }
        else
        {
            throw fields.Wrong("attention.head_count", heads, $"a divisor of the embedding length {modelSize} with heads of 2 to {MaxHeadSize}");
        }
        if (fields.Has("attention.value_length"))
        {
            int valueSize = fields.Integer("attention.value_length", 1, MaxHeadSize);
            if (valueSize != keySize)
            {
                throw fields.Wrong("attention.value_length", valueSize, $"the key length {keySize}");
            }
        }
        return keySize;
    }

    private static int ReadKvHeads(Fields fields, int heads)
    {
        int kvHeads = fields.Has("attention.head_count_kv") ? fields.Integer("attention.head_count_kv", 1, MaxHeads) : heads;
        return heads % kvHeads == 0 ? kvHeads : throw fields.Wrong("attention.head_count_kv", kvHeads, $"a divisor of the {heads} heads");
    }

    private static int ReadRopeDimensions(Fields fields, int headSize)
    {
        int dimensions = fields.Has("rope.dimension_count") ? fields.Integer("rope.dimension_count", 2, MaxHeadSize) : headSize;
        return dimensions % 2 == 0 && dimensions <= headSize
            ? dimensions
            : throw fields.Wrong("rope.dimension_count", dimensions, $"an even number up to the head size {headSize}");
    }

    private static float ReadLinearFactor(ModelFile file, Fields fields)
    {
        if (!fields.Has("rope.scaling.type"))
        {
            return fields.Number("rope.scale_linear", 1f, 1, 1e6f);
        }
        string kind = file.Metadata.GetString(fields.Key("rope.scaling.type"));
        return kind switch
        {
            "none" => 1f,
            "linear" => fields.Number("rope.scaling.factor", 1f, 1, 1e6f),
            _ => throw fields.Wrong("rope.scaling.type", kind, "none or linear"),
        };
    }

    private static int ReadVocabulary(ModelFile file, Fields fields)
    {
        GgufTensor embedding = file.GetTensor("token_embd.weight");
        if (embedding.RowCount is < 1 or > MaxWidth * 8L)
        {
            throw new ModelFileException(file.Path, "tensor 'token_embd.weight', rows", embedding.RowCount, $"1 to {MaxWidth * 8L}");
        }
        int rows = (int)embedding.RowCount;
        if (fields.Has("vocab_size"))
        {
            int declared = fields.Integer("vocab_size", 1, int.MaxValue);
            if (declared != rows)
            {
                throw fields.Wrong("vocab_size", declared, $"the {rows} rows of tensor 'token_embd.weight'");
            }
        }
        return rows;
    }

    /// <summary>Range-checked access to the keys under the architecture's prefix.</summary>
    private readonly struct Fields(ModelFile file, string architecture)
    {
        public string Key(string name) => $"{architecture}.{name}";

        public bool Has(string name) => file.Metadata.Contains(Key(name));

        public ModelFileException Wrong(string name, object found, string expected) => new(file.Path, $"metadata '{Key(name)}'", found, expected);

        public int Integer(string name, int least, int most)
        {
            uint value = file.Metadata.GetUInt32(Key(name));
            return value >= (uint)least && value <= (uint)most ? (int)value : throw Wrong(name, value, $"{least} to {most}");
        }

        public float Number(string name, float? absent, float least, float most)
        {
            if (absent is { } value && !Has(name))
            {
                return value;
            }
            float found = file.Metadata.GetSingle(Key(name));
            return found >= least && found <= most ? found : throw Wrong(name, found, $"{least} to {most}");
        }
    }
}
