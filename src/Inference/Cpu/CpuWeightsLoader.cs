using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Prepares the tensors of a shard as the graph's blocks ask for them.</summary>
internal sealed unsafe class CpuWeightsLoader(
    ModelFile file,
    ModelConfiguration model,
    ShardSpec spec,
    WorkerPool pool,
    IProgress<LoadProgress>? progress,
    CancellationToken cancellation)
{
    private readonly TensorLoader _tensors = new(file, pool, GraphTensors.FileBytes(file, spec), progress, cancellation);
    private readonly List<RopeBlock> _ropes = [];

    /// <summary>Loads everything; releases what it has when it fails.</summary>
    public CpuWeights Load()
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

    private CpuWeights LoadParts()
    {
        GgufTensor embedding = file.GetTensor(GraphTensors.Embedding);
        byte* embeddingRows = spec.HasEmbedding ? _tensors.Rows(embedding) : null;
        CpuLayer[] layers = new CpuLayer[spec.LastLayer - spec.FirstLayer];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = LoadLayer(model.LayerBlocks[spec.FirstLayer + i], GraphTensors.Prefix(spec.FirstLayer + i));
        }
        return new CpuWeights(_tensors.Owned)
        {
            Configuration = model,
            Layers = layers,
            EmbeddingType = embedding.Type,
            Embedding = embeddingRows,
            FinalNorm = spec.HasHead ? _tensors.Vector(GraphTensors.FinalNorm) : null,
            Head = spec.HasHead ? _tensors.Matrix(model.TiedEmbeddings ? GraphTensors.Embedding : GraphTensors.Head) : null,
            HeadBias = spec.HasHead ? _tensors.OptionalVector(GraphTensors.HeadBias) : null,
            Ropes = [.. _ropes.Select(LoadRope)],
            Bytes = _tensors.DoneBytes,
        };
    }

    private CpuLayer LoadLayer(LayerBlock block, string prefix)
    {
        int queryWidth = model.Heads * model.HeadSize;
        int keyWidth = model.KvHeads * model.HeadSize;
        bool fused = file.TryGetTensor(prefix + "attn_qkv.weight", out _);
        WeightMatrix[] projections = fused
            ? _tensors.Matrices(prefix + "attn_qkv.weight", queryWidth, keyWidth, keyWidth)
            : [_tensors.Matrix(prefix + "attn_q.weight"), _tensors.Matrix(prefix + "attn_k.weight"), _tensors.Matrix(prefix + "attn_v.weight")];
        float*[] biases = GraphTensors.HasFusedBias(file, prefix)
            ? _tensors.Vectors(prefix + "attn_qkv.bias", queryWidth, keyWidth, keyWidth)
            :
            [
                _tensors.OptionalVector(prefix + "attn_q.bias"),
                _tensors.OptionalVector(prefix + "attn_k.bias"),
                _tensors.OptionalVector(prefix + "attn_v.bias"),
            ];
        return new CpuLayer
        {
            Block = block,
            Rope = RopeIndex(block.Attention.Rope),
            AttentionNorm = _tensors.Vector(prefix + "attn_norm.weight"),
            Query = projections[0],
            Key = projections[1],
            Value = projections[2],
            Output = _tensors.Matrix(prefix + "attn_output.weight"),
            QueryBias = biases[0],
            KeyBias = biases[1],
            ValueBias = biases[2],
            OutputBias = _tensors.OptionalVector(prefix + "attn_output.bias"),
            QueryNorm = block.Attention.HeadNorms ? _tensors.Vector(prefix + "attn_q_norm.weight") : null,
            KeyNorm = block.Attention.HeadNorms ? _tensors.Vector(prefix + "attn_k_norm.weight") : null,
            AttentionPostNorm = block.PostNorms ? _tensors.Vector(prefix + "post_attention_norm.weight") : null,
            FeedForwardNorm = _tensors.Vector(prefix + "ffn_norm.weight"),
            FeedForwardPostNorm = block.PostNorms ? _tensors.Vector(prefix + "post_ffw_norm.weight") : null,
            Dense = block.FeedForward.Experts is null ? LoadDense(block.FeedForward, prefix) : null,
            Experts = block.FeedForward.Experts is { } routing ? LoadExperts(block.FeedForward, routing, prefix) : null,
        };
    }

    private CpuFeedForward LoadDense(FeedForwardBlock block, string prefix)
    {
        WeightMatrix[] projections = block.FusedGateAndUp
            ? _tensors.Matrices(prefix + "ffn_up.weight", block.Size, block.Size)
            : [_tensors.Matrix(prefix + "ffn_gate.weight"), _tensors.Matrix(prefix + "ffn_up.weight")];
        float*[] biases = block.FusedGateAndUp
            ? OptionalVectors(prefix + "ffn_up.bias", block.Size, block.Size)
            : [_tensors.OptionalVector(prefix + "ffn_gate.bias"), _tensors.OptionalVector(prefix + "ffn_up.bias")];
        return new CpuFeedForward
        {
            Gate = projections[0],
            Up = projections[1],
            Down = _tensors.Matrix(prefix + "ffn_down.weight"),
            GateBias = biases[0],
            UpBias = biases[1],
            DownBias = _tensors.OptionalVector(prefix + "ffn_down.bias"),
        };
    }

    private CpuExperts LoadExperts(FeedForwardBlock block, ExpertRouting routing, string prefix)
    {
        WeightMatrix router = _tensors.Matrix(prefix + "ffn_gate_inp.weight");
        WeightMatrix[] gates = LoadExperts(prefix, "ffn_gate", block.Size, routing.Count);
        WeightMatrix[] ups = LoadExperts(prefix, "ffn_up", block.Size, routing.Count);
        WeightMatrix[] downs = LoadExperts(prefix, "ffn_down", model.ModelSize, routing.Count);
        return new CpuExperts(router, routing.Used, [.. gates.Select((gate, i) => new CpuFeedForward { Gate = gate, Up = ups[i], Down = downs[i] })]);
    }

    private WeightMatrix[] LoadExperts(string prefix, string matrix, int rows, int count) => GraphTensors.HasSingleExperts(file, prefix)
        ? [.. Enumerable.Range(0, count).Select(expert => _tensors.Matrix(GraphTensors.SingleExpert(prefix, matrix, expert)))]
        : _tensors.Matrices($"{prefix}{matrix}_exps.weight", rows);

    private float*[] OptionalVectors(string name, params int[] lengths) =>
        file.TryGetTensor(name, out _) ? _tensors.Vectors(name, lengths) : new float*[lengths.Length];

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

    private RopeTable LoadRope(RopeBlock rope) => new(rope, spec.ContextTokens, RopeDivisors.Read(file, rope, spec.ContextTokens));
}
