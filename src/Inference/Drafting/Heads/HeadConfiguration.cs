using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting.Heads;

/// <summary>Sizes of a head of EAGLE-3's kind (docs/speculation.md), read from its file and checked against its tensors and its target.</summary>
public sealed record HeadConfiguration
{
    private const string Architecture = "eagle3";
    private const int MostFeatures = 8;

    /// <summary>W: width of the head's hidden states, a multiple of 32.</summary>
    public required int Width { get; init; }

    /// <summary>Query heads.</summary>
    public required int Heads { get; init; }

    /// <summary>Heads of keys and values; divides <see cref="Heads"/>.</summary>
    public required int KvHeads { get; init; }

    /// <summary>D: width of one of them.</summary>
    public required int HeadSize { get; init; }

    /// <summary>Width inside the feed-forward layer.</summary>
    public required int FeedForwardSize { get; init; }

    /// <summary>Tokens that the head can guess.</summary>
    public required int DraftVocabularySize { get; init; }

    /// <summary>Base of the rotary positions, which turn the halves of a head against each other.</summary>
    public required float RopeBase { get; init; }

    /// <summary>Added to the mean in norms.</summary>
    public required float NormEpsilon { get; init; }

    /// <summary>After how many of the target's layers its hidden states are read, ascending.</summary>
    public required IReadOnlyList<int> Layers { get; init; }

    /// <summary>Bytes of the head's weights.</summary>
    public required long WeightBytes { get; init; }

    /// <summary>Bytes of keys and values, float32, of so many tokens.</summary>
    public long KvBytes(long tokens) => 2L * sizeof(float) * KvHeads * HeadSize * tokens;

    /// <summary>Reads a head's file.</summary>
    /// <param name="file">The head.</param>
    /// <param name="target">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not a head, or not one for this target.</exception>
    public static HeadConfiguration Read(ModelFile file, ModelConfiguration target)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(target);
        string architecture = file.Metadata.GetString("general.architecture");
        if (architecture != Architecture)
        {
            throw new ModelFileException(file.Path, "'general.architecture'", architecture, $"'{Architecture}', a head that drafts for a target");
        }
        GgufMetadata metadata = file.Metadata;
        int width = Size(file, "embedding_length", 32, 1 << 16);
        int heads = Size(file, "attention.head_count", 1, 1 << 10);
        HeadConfiguration head = new()
        {
            Width = width,
            Heads = heads,
            KvHeads = Size(file, "attention.head_count_kv", 1, heads),
            HeadSize = Rows(file, HeadTensors.Query) / heads,
            FeedForwardSize = Rows(file, HeadTensors.Gate),
            DraftVocabularySize = Rows(file, HeadTensors.Head),
            RopeBase = metadata.TryGetSingle($"{Architecture}.rope.freq_base", out float rope) ? rope : 10000,
            NormEpsilon = metadata.TryGetSingle($"{Architecture}.attention.layer_norm_rms_epsilon", out float epsilon) ? epsilon : 1e-5f,
            Layers = metadata.TryGetInt32s($"{Architecture}.target_layers", out IReadOnlyList<int>? layers) ? layers : [2, target.Layers / 2, target.Layers - 3],
            WeightBytes = file.Tensors.Sum(tensor => tensor.ByteLength),
        };
        head.Check(file, target);
        return head;
    }

    private static int Size(ModelFile file, string key, int least, int most)
    {
        int value = file.Metadata.GetInt32($"{Architecture}.{key}");
        return value >= least && value <= most
            ? value
            : throw new ModelFileException(file.Path, $"'{Architecture}.{key}'", value, $"{least} to {most}");
    }

    private static int Rows(ModelFile file, string name) => (int)Math.Min(int.MaxValue, file.GetTensor(name).RowCount);

    private void Check(ModelFile file, ModelConfiguration target)
    {
        Require(Width % 32 == 0, "width", Width, "a multiple of 32");
        Require(Heads % KvHeads == 0, "heads of keys and values", KvHeads, $"a divisor of {Heads}");
        Require(HeadSize is > 0 and <= 1024 && HeadSize % 2 == 0, "head size", HeadSize, "an even number up to 1024");
        Require(Layers.Count is > 0 and <= MostFeatures, "target layers", Layers.Count, $"1 to {MostFeatures}");
        for (int i = 0; i < Layers.Count; i++)
        {
            int least = i == 0 ? 0 : Layers[i - 1] + 1;
            Require(Layers[i] >= least && Layers[i] < target.Layers, "target layer", Layers[i], $"ascending numbers from 0 to {target.Layers - 1}, less than the target's layers");
        }
        RequireShape(HeadTensors.Fuse, Width, Layers.Count * target.ModelSize);
        RequireShape(HeadTensors.Query, Heads * HeadSize, 2 * Width);
        RequireShape(HeadTensors.Key, KvHeads * HeadSize, 2 * Width);
        RequireShape(HeadTensors.Value, KvHeads * HeadSize, 2 * Width);
        RequireShape(HeadTensors.Output, Width, Heads * HeadSize);
        RequireShape(HeadTensors.Gate, FeedForwardSize, Width);
        RequireShape(HeadTensors.Up, FeedForwardSize, Width);
        RequireShape(HeadTensors.Down, Width, FeedForwardSize);
        RequireShape(HeadTensors.Head, DraftVocabularySize, Width);
        RequireShape(HeadTensors.Embedding, target.VocabularySize, Width);
        foreach (string norm in HeadTensors.Norms)
        {
            RequireShape(norm, 1, Width);
        }

        void Require(bool holds, string what, object found, string expected)
        {
            if (!holds)
            {
                throw new ModelFileException(file.Path, what, found, expected);
            }
        }

        void RequireShape(string name, int rows, int columns)
        {
            GgufTensor tensor = file.GetTensor(name);
            Require(tensor.RowElements == columns && tensor.RowCount == rows, $"tensor '{name}', shape",
                string.Join(" x ", tensor.Dimensions), $"{columns} x {rows} for this head and target");
        }
    }
}
