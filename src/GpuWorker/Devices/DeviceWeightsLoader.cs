using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>Brings the tensors of a shard to a device, as the graph's blocks ask for them; of several devices that share it, to one.</summary>
/// <param name="file">The model.</param>
/// <param name="model">Its graph.</param>
/// <param name="spec">The shard.</param>
/// <param name="part">The device's part.</param>
/// <param name="tensors">Brings them; disposed by <see cref="Load"/>.</param>
internal sealed class DeviceWeightsLoader(ModelFile file, ModelConfiguration model, ShardSpec spec, RankPart part, DeviceTensors tensors)
{
    private readonly List<RopeBlock> _ropes = [];

    /// <summary>Loads everything; releases what it has when it fails.</summary>
    public DeviceWeights Load()
    {
        try
        {
            using (tensors)
            {
                return LoadParts();
            }
        }
        catch
        {
            foreach (IDisposable owned in tensors.Owned)
            {
                owned.Dispose();
            }
            throw;
        }
    }

    private DeviceWeights LoadParts()
    {
        bool tied = model.TiedEmbeddings && spec.HasHead;
        WeightBuffer? embedding = spec.HasEmbedding || tied ? tensors.Matrix(GraphTensors.Embedding) : null;
        var layers = new DeviceLayer[spec.LastLayer - spec.FirstLayer];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = LoadLayer(model.LayerBlocks[spec.FirstLayer + i], GraphTensors.Prefix(spec.FirstLayer + i));
        }
        return new DeviceWeights(tensors.Owned)
        {
            Model = part.ModelOf(model),
            Layers = layers,
            Embedding = spec.HasEmbedding ? embedding : null,
            FinalNorm = spec.HasHead ? tensors.Vector(GraphTensors.FinalNorm) : ArrayView<float>.Empty,
            Head = !spec.HasHead ? null : LoadHead(tied ? embedding : null),
            HeadBias = spec.HasHead ? tensors.OptionalVector(Part(GraphTensors.HeadBias, model.VocabularySize)) : ArrayView<float>.Empty,
            Ropes = [.. _ropes.Select(LoadRope)],
            Bytes = tensors.Bytes,
        };
    }

    private DeviceLayer LoadLayer(LayerBlock block, string prefix)
    {
        bool fused = file.TryGetTensor(prefix + "attn_qkv.weight", out _);
        return new DeviceLayer
        {
            Block = block,
            Rope = RopeIndex(block.Attention.Rope),
            AttentionNorm = tensors.Vector(prefix + "attn_norm.weight"),
            Projections = tensors.Joined(HeadRows(prefix, fused, "weight")),
            HeadVectors = LoadHeadVectors(block, prefix),
            Output = tensors.Columns(prefix + "attn_output.weight", part),
            OutputBias = tensors.OptionalVector(prefix + "attn_output.bias"),
            AttentionPostNorm = PostNorm(block, prefix + "post_attention_norm.weight"),
            FeedForwardNorm = tensors.Vector(prefix + "ffn_norm.weight"),
            FeedForwardPostNorm = PostNorm(block, prefix + "post_ffw_norm.weight"),
            Dense = block.FeedForward.Experts is null ? LoadDense(block.FeedForward, prefix) : null,
            Experts = block.FeedForward.Experts is { } routing ? LoadExperts(block.FeedForward, routing, prefix) : null,
        };
    }

    // Of several devices each has a part of the tokens; a head that is the embedding matrix is looked up there.
    private WeightBuffer LoadHead(WeightBuffer? embedding)
    {
        MatrixRows tokens = Part(GraphTensors.Head, model.VocabularySize);
        return embedding?.Rows(tokens.First, tokens.Count) ?? tensors.Joined(tokens)[0];
    }

    private MatrixRows Part(string name, int all)
    {
        (int first, int count) = part.Of(all);
        return new MatrixRows(name, first, count);
    }

    // Queries, keys and values of the device's heads, in one tensor or in three.
    private MatrixRows[] HeadRows(string prefix, bool fused, string kind)
    {
        (int first, int count) = part.Of(model.KvHeads);
        int group = model.Heads / model.KvHeads * model.HeadSize;
        MatrixRows queries = new($"{prefix}attn_{(fused ? "qkv" : "q")}.{kind}", first * group, count * group);
        int keys = fused ? model.Heads * model.HeadSize : 0;
        int values = fused ? keys + (model.KvHeads * model.HeadSize) : 0;
        return
        [
            queries,
            new MatrixRows($"{prefix}attn_{(fused ? "qkv" : "k")}.{kind}", keys + (first * model.HeadSize), count * model.HeadSize),
            new MatrixRows($"{prefix}attn_{(fused ? "qkv" : "v")}.{kind}", values + (first * model.HeadSize), count * model.HeadSize),
        ];
    }

    private ArrayView<float> PostNorm(LayerBlock block, string name) => block.PostNorms ? tensors.Vector(name) : ArrayView<float>.Empty;

    private RopeStoreWeights LoadHeadVectors(LayerBlock block, string prefix)
    {
        ArrayView<float>[] biases = [.. HeadRows(prefix, GraphTensors.HasFusedBias(file, prefix), "bias").Select(tensors.OptionalVector)];
        bool norms = block.Attention.HeadNorms;
        return new RopeStoreWeights
        {
            QueryBias = biases[0],
            KeyBias = biases[1],
            ValueBias = biases[2],
            QueryNorm = norms ? tensors.Vector(prefix + "attn_q_norm.weight") : ArrayView<float>.Empty,
            KeyNorm = norms ? tensors.Vector(prefix + "attn_k_norm.weight") : ArrayView<float>.Empty,
        };
    }

    private DeviceFeedForward LoadDense(FeedForwardBlock block, string prefix)
    {
        (int first, int count) = DownInputs(block, prefix);
        WeightBuffer[] matrices = block.FusedGateAndUp
            ? tensors.Alternating(new MatrixRows(prefix + "ffn_up.weight", first, count), new MatrixRows(prefix + "ffn_up.weight", block.Size + first, count))
            : tensors.Alternating(new MatrixRows(prefix + "ffn_gate.weight", first, count), new MatrixRows(prefix + "ffn_up.weight", first, count));
        return new DeviceFeedForward
        {
            GateUp = matrices,
            GateUpBias = LoadGateUpBias(block, prefix, matrices.Length == 1, first, count),
            Down = tensors.Columns(prefix + "ffn_down.weight", part),
            DownBias = tensors.OptionalVector(prefix + "ffn_down.bias"),
        };
    }

    private ArrayView<float>[] LoadGateUpBias(FeedForwardBlock block, string prefix, bool alternating, int first, int count)
    {
        float[] up = ValuesOrEmpty(prefix + "ffn_up.bias");
        float[] gate = block.FusedGateAndUp ? up[..(up.Length / 2)] : ValuesOrEmpty(prefix + "ffn_gate.bias");
        up = block.FusedGateAndUp ? up[(up.Length / 2)..] : up;
        if (gate.Length + up.Length == 0)
        {
            return [ArrayView<float>.Empty, ArrayView<float>.Empty];
        }
        gate = gate.Length > 0 ? gate[first..(first + count)] : new float[count];
        up = up.Length > 0 ? up[first..(first + count)] : new float[count];
        return alternating ? [tensors.Upload([.. gate.Zip(up, (g, u) => (float[])[g, u]).SelectMany(pair => pair)])] : [tensors.Upload(gate), tensors.Upload(up)];
    }

    private float[] ValuesOrEmpty(string name) => file.TryGetTensor(name, out _) ? tensors.Values(name) : [];

    private DeviceExperts LoadExperts(FeedForwardBlock block, ExpertRouting routing, string prefix)
    {
        WeightBuffer router = tensors.Matrix(prefix + "ffn_gate_inp.weight");
        bool single = GraphTensors.HasSingleExperts(file, prefix);
        string[] Names(string matrix) => single
            ? [.. Enumerable.Range(0, routing.Count).Select(expert => GraphTensors.SingleExpert(prefix, matrix, expert))]
            : [$"{prefix}{matrix}_exps.weight"];
        (int first, int count) = DownInputs(block, prefix);
        WeightBuffer gateUp = tensors.AlternatingExperts(Names("ffn_gate"), Names("ffn_up"), block.Size, first, count, routing.Count);
        return new DeviceExperts(router, gateUp, tensors.Experts(Names("ffn_down"), model.ModelSize, routing.Count, part));
    }

    // The device has those outputs of gate and up that are its inputs of down.
    private (int First, int Count) DownInputs(FeedForwardBlock block, string prefix) =>
        WeightForms.Of(file.GetTensor(RankPart.DownTensor(file, block, prefix)).Type).Inputs(part.Inputs(block.Size));

    private int RopeIndex(RopeBlock rope)
    {
        int index = _ropes.IndexOf(rope);
        if (index < 0)
        {
            index = _ropes.Count;
            _ropes.Add(rope);
        }
        return index;
    }

    private RopeAngles LoadRope(RopeBlock rope) => new(rope, spec.ContextTokens, RopeDivisors.Read(file, rope, spec.ContextTokens));
}
