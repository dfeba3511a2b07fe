using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>Brings the tensors of a shard to a device, as the graph's blocks ask for them.</summary>
internal sealed class DeviceWeightsLoader(
    ModelFile file,
    ModelConfiguration model,
    ShardSpec spec,
    Accelerator accelerator,
    IProgress<LoadProgress>? progress,
    CancellationToken cancellation)
{
    private readonly DeviceTensors _tensors = new(file, accelerator, GraphTensors.FileBytes(file, spec), progress, cancellation);
    private readonly List<RopeBlock> _ropes = [];

    /// <summary>Loads everything; releases what it has when it fails.</summary>
    public DeviceWeights Load()
    {
        try
        {
            GraphTensors.Check(file, model);
            return LoadParts();
        }
        catch
        {
            foreach (IDisposable owned in _tensors.Owned)
            {
                owned.Dispose();
            }
            throw;
        }
    }

    private DeviceWeights LoadParts()
    {
        bool tied = model.TiedEmbeddings && spec.HasHead;
        WeightBuffer? embedding = spec.HasEmbedding || tied ? _tensors.Matrix(GraphTensors.Embedding) : null;
        var layers = new DeviceLayer[spec.LastLayer - spec.FirstLayer];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = LoadLayer(model.LayerBlocks[spec.FirstLayer + i], GraphTensors.Prefix(spec.FirstLayer + i));
        }
        return new DeviceWeights(_tensors.Owned)
        {
            Model = model,
            Layers = layers,
            Embedding = spec.HasEmbedding ? embedding : null,
            FinalNorm = spec.HasHead ? _tensors.Vector(GraphTensors.FinalNorm) : ArrayView<float>.Empty,
            Head = !spec.HasHead ? null : tied ? embedding : _tensors.Matrix(GraphTensors.Head),
            HeadBias = spec.HasHead ? _tensors.OptionalVector(GraphTensors.HeadBias) : ArrayView<float>.Empty,
            Ropes = [.. _ropes.Select(LoadRope)],
            Bytes = _tensors.Bytes,
        };
    }

    private DeviceLayer LoadLayer(LayerBlock block, string prefix)
    {
        bool fused = file.TryGetTensor(prefix + "attn_qkv.weight", out _);
        return new DeviceLayer
        {
            Block = block,
            Rope = RopeIndex(block.Attention.Rope),
            AttentionNorm = _tensors.Vector(prefix + "attn_norm.weight"),
            Projections = fused
                ? [_tensors.Matrix(prefix + "attn_qkv.weight")]
                : _tensors.Joined(prefix + "attn_q.weight", prefix + "attn_k.weight", prefix + "attn_v.weight"),
            HeadVectors = LoadHeadVectors(block, prefix),
            Output = _tensors.Matrix(prefix + "attn_output.weight"),
            OutputBias = _tensors.OptionalVector(prefix + "attn_output.bias"),
            AttentionPostNorm = PostNorm(block, prefix + "post_attention_norm.weight"),
            FeedForwardNorm = _tensors.Vector(prefix + "ffn_norm.weight"),
            FeedForwardPostNorm = PostNorm(block, prefix + "post_ffw_norm.weight"),
            Dense = block.FeedForward.Experts is null ? LoadDense(block.FeedForward, prefix) : null,
            Experts = block.FeedForward.Experts is { } routing ? LoadExperts(block.FeedForward, routing, prefix) : null,
        };
    }

    private ArrayView<float> PostNorm(LayerBlock block, string name) => block.PostNorms ? _tensors.Vector(name) : ArrayView<float>.Empty;

    private RopeStoreWeights LoadHeadVectors(LayerBlock block, string prefix)
    {
        int keyWidth = model.KvHeads * model.HeadSize;
        ArrayView<float>[] biases = GraphTensors.HasFusedBias(file, prefix)
            ? _tensors.Vectors(prefix + "attn_qkv.bias", model.Heads * model.HeadSize, keyWidth, keyWidth)
            :
            [
                _tensors.OptionalVector(prefix + "attn_q.bias"),
                _tensors.OptionalVector(prefix + "attn_k.bias"),
                _tensors.OptionalVector(prefix + "attn_v.bias"),
            ];
        bool norms = block.Attention.HeadNorms;
        return new RopeStoreWeights
        {
            QueryBias = biases[0],
            KeyBias = biases[1],
            ValueBias = biases[2],
            QueryNorm = norms ? _tensors.Vector(prefix + "attn_q_norm.weight") : ArrayView<float>.Empty,
            KeyNorm = norms ? _tensors.Vector(prefix + "attn_k_norm.weight") : ArrayView<float>.Empty,
        };
    }

    private DeviceFeedForward LoadDense(FeedForwardBlock block, string prefix)
    {
        WeightBuffer[] matrices = block.FusedGateAndUp
            ? [_tensors.AlternatingHalves(prefix + "ffn_up.weight")]
            : _tensors.Alternating(prefix + "ffn_gate.weight", prefix + "ffn_up.weight");
        return new DeviceFeedForward
        {
            GateUp = matrices,
            GateUpBias = LoadGateUpBias(block, prefix, matrices.Length == 1),
            Down = _tensors.Matrix(prefix + "ffn_down.weight"),
            DownBias = _tensors.OptionalVector(prefix + "ffn_down.bias"),
        };
    }

    private ArrayView<float>[] LoadGateUpBias(FeedForwardBlock block, string prefix, bool alternating)
    {
        float[] up = ValuesOrEmpty(prefix + "ffn_up.bias");
        float[] gate = block.FusedGateAndUp ? up[..(up.Length / 2)] : ValuesOrEmpty(prefix + "ffn_gate.bias");
        up = block.FusedGateAndUp ? up[(up.Length / 2)..] : up;
        if (gate.Length + up.Length == 0)
        {
            return [ArrayView<float>.Empty, ArrayView<float>.Empty];
        }
        gate = gate.Length > 0 ? gate : new float[block.Size];
        up = up.Length > 0 ? up : new float[block.Size];
        return alternating ? [_tensors.Upload([.. gate.Zip(up, (g, u) => (float[])[g, u]).SelectMany(pair => pair)])] : [_tensors.Upload(gate), _tensors.Upload(up)];
    }

    private float[] ValuesOrEmpty(string name) => file.TryGetTensor(name, out _) ? _tensors.Values(name) : [];

    private DeviceExperts LoadExperts(FeedForwardBlock block, ExpertRouting routing, string prefix)
    {
        WeightBuffer router = _tensors.Matrix(prefix + "ffn_gate_inp.weight");
        bool single = GraphTensors.HasSingleExperts(file, prefix);
        string[] Names(string matrix) => single
            ? [.. Enumerable.Range(0, routing.Count).Select(expert => GraphTensors.SingleExpert(prefix, matrix, expert))]
            : [$"{prefix}{matrix}_exps.weight"];
        WeightBuffer gateUp = _tensors.AlternatingExperts(Names("ffn_gate"), Names("ffn_up"), block.Size, routing.Count);
        return new DeviceExperts(router, gateUp, _tensors.Experts(Names("ffn_down"), model.ModelSize, routing.Count));
    }

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
