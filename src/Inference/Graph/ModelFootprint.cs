using System.Globalization;
using Winnow.Inference.Cache;
using Winnow.Inference.Files;

namespace Winnow.Inference.Graph;

/// <summary>
/// Bytes that a model's parts take in memory, read from the file's header alone: what placement divides and what a worker's budget must hold.
/// </summary>
public sealed class ModelFootprint
{
    /// <summary>Rows of activations to reserve for a step.</summary>
    private const int ReservedRows = 512;

    /// <summary>Rows of logits to reserve at the last shard.</summary>
    private const int ReservedLogitRows = 64;

    /// <summary>Hidden-size buffers that a forward pass keeps at once: residual, normed, queries, attention output, and one to spare.</summary>
    private const int HiddenBuffers = 5;

    private const string EmbeddingName = "token_embd.weight";

    private readonly long[] _layerBytes;
    private readonly long[] _layerReplicatedBytes;
    private readonly long _headReplicatedBytes;

    private ModelFootprint(
        ModelConfiguration configuration, long[] layerBytes, long[] layerReplicatedBytes, long embeddingBytes, long headBytes, long headReplicatedBytes)
    {
        Configuration = configuration;
        _layerBytes = layerBytes;
        _layerReplicatedBytes = layerReplicatedBytes;
        _headReplicatedBytes = headReplicatedBytes;
        EmbeddingBytes = embeddingBytes;
        HeadBytes = headBytes;
    }

    /// <summary>The model's sizes.</summary>
    public ModelConfiguration Configuration { get; }

    /// <summary>Weights of each layer, in bytes.</summary>
    public IReadOnlyList<long> LayerBytes => _layerBytes;

    /// <summary>Embedding matrix, held by the first shard.</summary>
    public long EmbeddingBytes { get; }

    /// <summary>Head and final norm, held by the last shard; the embedding matrix again when the two are tied.</summary>
    public long HeadBytes { get; }

    /// <summary>Measures a model file.</summary>
    /// <exception cref="ModelFileException">The file is not a model that Winnow knows.</exception>
    public static ModelFootprint Read(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        ModelConfiguration configuration = ModelConfigurationReader.Read(file);
        long[] layers = new long[configuration.Layers];
        long embedding = 0;
        long head = 0;
        long[] layersReplicated = new long[configuration.Layers];
        long headReplicated = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            bool isWhole = tensor.RowCount == 1 || tensor.Name.EndsWith("ffn_gate_inp.weight", StringComparison.Ordinal);
            long replicated = isWhole ? tensor.ByteLength : 0;
            if (LayerOf(tensor.Name) is int layer && layer < layers.Length)
            {
                layers[layer] += tensor.ByteLength;
                layersReplicated[layer] += replicated;
            }
            else if (tensor.Name == EmbeddingName)
            {
                embedding = tensor.ByteLength;
            }
            else
            {
                head += tensor.ByteLength;
                headReplicated += replicated;
            }
        }
        return new ModelFootprint(configuration, layers, layersReplicated, embedding, configuration.TiedEmbeddings ? head + embedding : head, headReplicated);
    }

    /// <summary>Weights of a layer range, with embedding and head where the range has them. A whole tied model holds its embedding once.</summary>
    /// <param name="firstLayer">First layer, inclusive.</param>
    /// <param name="lastLayer">Last layer, exclusive.</param>
    /// <param name="devices">Devices that share every layer; <see cref="ReplicatedBytes"/> are on each.</param>
    public long WeightBytes(int firstLayer, int lastLayer, int devices = 1)
    {
        long bytes = devices > 1 ? (devices - 1) * ReplicatedBytes(firstLayer, lastLayer) : 0;
        for (int layer = firstLayer; layer < lastLayer; layer++)
        {
            bytes += _layerBytes[layer];
        }
        bool first = firstLayer == 0;
        bool last = lastLayer == Configuration.Layers;
        bytes += first ? EmbeddingBytes : 0;
        bytes += last ? HeadBytes : 0;
        return first && last && Configuration.TiedEmbeddings ? bytes - EmbeddingBytes : bytes;
    }

    /// <summary>What each of several devices that share every layer of a range has whole: the embedding matrix, vectors and routers.</summary>
    /// <param name="firstLayer">First layer, inclusive.</param>
    /// <param name="lastLayer">Last layer, exclusive.</param>
    public long ReplicatedBytes(int firstLayer, int lastLayer)
    {
        bool first = firstLayer == 0;
        bool last = lastLayer == Configuration.Layers;
        long bytes = first || (last && Configuration.TiedEmbeddings) ? EmbeddingBytes : 0;
        for (int layer = firstLayer; layer < lastLayer; layer++)
        {
            bytes += _layerReplicatedBytes[layer];
        }
        return last ? bytes + _headReplicatedBytes : bytes;
    }

    /// <summary>The tensors that a layer range reads: its layers, the embedding where it begins the model, head and all that belongs to no layer where it ends it.</summary>
    /// <param name="file">The model that was measured.</param>
    /// <param name="firstLayer">First layer, inclusive.</param>
    /// <param name="lastLayer">Last layer, exclusive.</param>
    public IEnumerable<GgufTensor> TensorsOf(ModelFile file, int firstLayer, int lastLayer)
    {
        ArgumentNullException.ThrowIfNull(file);
        bool last = lastLayer == Configuration.Layers;
        return file.Tensors.Where(tensor => LayerOf(tensor.Name) is int layer && layer < _layerBytes.Length ? layer >= firstLayer && layer < lastLayer
            : tensor.Name == EmbeddingName ? firstLayer == 0 || (last && Configuration.TiedEmbeddings)
            : last);
    }

    /// <summary>KV cache of some layers, in bytes; at most <see cref="long.MaxValue"/>.</summary>
    /// <param name="layers">Layers.</param>
    /// <param name="rows">KV rows: blocks times tokens per block, and scratch.</param>
    /// <param name="type">Stored form.</param>
    public long KvBytes(int layers, long rows, KvType type)
    {
        KvLayout layout = KvLayout.Of(type, Configuration.HeadSize);
        Int128 bytes = (Int128)layers * rows * Configuration.KvHeads * (layout.RowBytes + layout.ValueRowBytes);
        return bytes > long.MaxValue ? long.MaxValue : (long)bytes;
    }

    /// <summary>Activations and logits to keep room for while steps run.</summary>
    /// <param name="hasHead">Whether logits are computed.</param>
    public long ScratchBytes(bool hasHead)
    {
        int results = Configuration.FeedForwardsPerRow;
        long row = (HiddenBuffers * (long)Configuration.ModelSize) + (2L * results * Configuration.FeedForwardSize);
        row += Configuration.LayerBlocks.Any(block => block.FeedForward.Experts is not null) ? (long)results * Configuration.ModelSize : 0;
        long logits = hasHead ? ReservedLogitRows * (long)Configuration.VocabularySize : 0;
        return sizeof(float) * ((ReservedRows * row) + logits);
    }

    private static int? LayerOf(string tensor)
    {
        const string Prefix = "blk.";
        if (!tensor.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return null;
        }
        ReadOnlySpan<char> rest = tensor.AsSpan(Prefix.Length);
        int dot = rest.IndexOf('.');
        return dot > 0 && int.TryParse(rest[..dot], NumberStyles.None, CultureInfo.InvariantCulture, out int layer) ? layer : null;
    }
}
