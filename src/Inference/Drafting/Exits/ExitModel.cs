using Winnow.Inference.Cache;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting.Exits;

/// <summary>
/// An early exit of a target (Kangaroo, Liu et al., 2404.18911; docs/speculation.md): its adapter's file, read and checked, beside the target's. The adapter is a layer of
/// the target's kind with a norm after it and the target's head: it is loaded as the last shard of a model would be.
/// </summary>
/// <remarks>The two files must stay open as long as anything made from this is in use.</remarks>
public sealed class ExitModel
{
    private const string Architecture = "kangaroo";
    private const string LayerKey = $"{Architecture}.exit_layer";
    private const string OwnLayer = "blk.0.";

    private readonly ModelFootprint _footprint;

    private ExitModel(ModelFile file, int layers)
    {
        File = file;
        Layers = layers;
        _footprint = ModelFootprint.Read(file);
        GraphTensors.Check(file, _footprint.Configuration);
    }

    /// <summary>After how many of the target's layers the exit leaves it.</summary>
    public int Layers { get; }

    /// <summary>Bytes of weights that it loads: the adapter, and the head once more.</summary>
    public long WeightBytes => _footprint.WeightBytes(LoadedLayer, LoadedLayer + 1);

    /// <summary>The adapter as a model's last layer.</summary>
    internal ModelFile File { get; }

    /// <summary>That layer's number.</summary>
    internal const int LoadedLayer = 1;

    /// <summary>Whether a file holds an early exit's adapter, and not a model or a head of another kind.</summary>
    public static bool IsExit(ModelFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        return file.Metadata.TryGetString("general.architecture", out string? name) && name == Architecture;
    }

    /// <summary>Reads an adapter's file.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="target">The model it drafts for.</param>
    /// <exception cref="ModelFileException">The file is not an adapter, or not one for this target.</exception>
    public static ExitModel Read(ModelFile adapter, ModelFile target)
    {
        ArgumentNullException.ThrowIfNull(adapter);
        ArgumentNullException.ThrowIfNull(target);
        if (!IsExit(adapter))
        {
            throw new ModelFileException(adapter.Path, "'general.architecture'", adapter.Metadata.GetString("general.architecture"), $"'{Architecture}', an early exit of a target");
        }
        ModelConfiguration model = ModelConfigurationReader.Read(target);
        int layers = adapter.Metadata.GetInt32(LayerKey);
        if (layers < 1 || layers >= model.Layers)
        {
            throw new ModelFileException(adapter.Path, $"'{LayerKey}'", layers, $"1 to {model.Layers - 1}, fewer than the target's layers");
        }
        ModelFile file = ModelFile.Compose(adapter.Path, new ModelFileContents
        {
            Format = target.Format,
            Version = target.Version,
            Parts = [.. target.Parts, .. adapter.Parts],
            Metadata = target.Metadata
                .With(adapter.Path, $"{model.Architecture}.block_count", Number(LoadedLayer + 1))
                .With(adapter.Path, $"{model.Architecture}.feed_forward_length", Number(adapter.GetTensor(OwnLayer + "ffn_down.weight").RowElements)),
            Tensors = Tensors(adapter, target),
        });
        return new ExitModel(file, layers);
    }

    /// <summary>Bytes of keys and values for so many rows.</summary>
    /// <param name="rows">KV rows: blocks times tokens per block, and scratch.</param>
    /// <param name="type">Stored form.</param>
    public long KvBytes(long rows, KvType type) => _footprint.KvBytes(1, rows, type);

    /// <summary>Bytes of activations and logits to keep room for.</summary>
    public long ScratchBytes => _footprint.ScratchBytes(hasHead: true);

    // Two layers, of which the second is loaded: the one before it only makes room for hidden states to come in, and so stands for all of the target's.
    private static List<GgufTensor> Tensors(ModelFile adapter, ModelFile target)
    {
        bool hasHead = adapter.TryGetTensor(GraphTensors.Head, out _);
        List<GgufTensor> tensors =
            [.. target.Tensors.Where(tensor => !tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && !(tensor.Name == GraphTensors.FinalNorm || (hasHead && IsHead(tensor.Name))))];
        foreach (GgufTensor tensor in adapter.Tensors)
        {
            GgufTensor own = tensor with { Part = target.Parts.Count + tensor.Part };
            if (tensor.Name.StartsWith(OwnLayer, StringComparison.Ordinal))
            {
                tensors.Add(own with { Name = GraphTensors.Prefix(1) + tensor.Name[OwnLayer.Length..] });
            }
            else if (tensor.Name != GraphTensors.FinalNorm && !(hasHead && IsHead(tensor.Name)))
            {
                throw new ModelFileException(adapter.Path, $"tensor '{tensor.Name}'", "not part of an early exit", $"'{OwnLayer}…', '{GraphTensors.FinalNorm}' and '{GraphTensors.Head}'");
            }
            tensors.Add(own);
        }
        return tensors;
    }

    private static bool IsHead(string name) => name is GraphTensors.Head or GraphTensors.HeadBias;

    private static GgufValue Number(long value) => new(GgufValueType.UInt32, null, (uint)Math.Clamp(value, 0, uint.MaxValue));
}
