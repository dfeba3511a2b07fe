using Winnow.Inference.Files;
using Winnow.Inference.Graph.Architectures;

namespace Winnow.Inference.Graph;

/// <summary>Reads a <see cref="ModelConfiguration"/> from a model's metadata (keys as llama.cpp writes them) and checks every value.</summary>
public static class ModelConfigurationReader
{
    private const int MaxLayers = 1024;
    private const int MaxWidth = 1 << 20;
    private const int MaxHeads = 4096;
    private const int MaxHeadSize = 1024;
    private const int MaxContext = 1 << 20;

    /// <summary>Architectures that <see cref="Read"/> accepts.</summary>
    public static IReadOnlyList<string> KnownArchitectures => ArchitectureTable.Names;

    /// <summary>Reads and checks.</summary>
    /// <exception cref="ModelFileException">A value is missing, out of range, or does not fit the others.</exception>
    public static ModelConfiguration Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        string architecture = file.Metadata.GetString("general.architecture");
        if (!ArchitectureTable.TryGet(architecture, out Func<ModelFields, ModelConfiguration>? describe))
        {
            throw new ModelFileException(
                file.Path, "metadata 'general.architecture'", architecture, $"one of {string.Join(", ", KnownArchitectures)}");
        }
        return describe(new ModelFields(file, architecture));
    }

    /// <summary>What all architectures have: the sizes, without blocks.</summary>
    internal static ModelConfiguration ReadSizes(ModelFields fields)
    {
        int modelSize = fields.Integer("embedding_length", 1, MaxWidth);
        int heads = fields.Integer("attention.head_count", 1, MaxHeads);
        return new ModelConfiguration
        {
            Architecture = fields.Architecture,
            Name = fields.File.Metadata.TryGetString("general.name", out string? name) ? name : fields.Architecture,
            ContextTokens = fields.Integer("context_length", 1, MaxContext),
            Layers = fields.Integer("block_count", 1, MaxLayers),
            ModelSize = modelSize,
            Heads = heads,
            KvHeads = ReadKvHeads(fields, heads),
            HeadSize = ReadHeadSize(fields, modelSize, heads),
            VocabularySize = ReadVocabulary(fields),
            NormEpsilon = fields.Number("attention.layer_norm_rms_epsilon", 0, 1),
            TiedEmbeddings = !fields.File.TryGetTensor(GraphTensors.Head, out _),
        };
    }

    /// <summary>Width of the dense feed-forward layer.</summary>
    internal static int ReadFeedForwardSize(ModelFields fields) => fields.Integer("feed_forward_length", 1, MaxWidth);

    private static int ReadHeadSize(ModelFields fields, int modelSize, int heads)
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
        int valueSize = fields.Integer("attention.value_length", keySize, 1, MaxHeadSize);
        return valueSize == keySize ? keySize : throw fields.Wrong("attention.value_length", valueSize, $"the key length {keySize}");
    }

    private static int ReadKvHeads(ModelFields fields, int heads)
    {
        int kvHeads = fields.Integer("attention.head_count_kv", heads, 1, MaxHeads);
        return heads % kvHeads == 0 ? kvHeads : throw fields.Wrong("attention.head_count_kv", kvHeads, $"a divisor of the {heads} heads");
    }

    private static int ReadVocabulary(ModelFields fields)
    {
        GgufTensor embedding = fields.File.GetTensor(GraphTensors.Embedding);
        if (embedding.RowCount is < 1 or > MaxWidth * 8L)
        {
            throw new ModelFileException(fields.File.Path, $"tensor '{embedding.Name}', rows", embedding.RowCount, $"1 to {MaxWidth * 8L}");
        }
        int rows = (int)embedding.RowCount;
        int declared = fields.Integer("vocab_size", rows, 1, int.MaxValue);
        return declared == rows ? rows : throw fields.Wrong("vocab_size", declared, $"the {rows} rows of tensor '{embedding.Name}'");
    }
}
