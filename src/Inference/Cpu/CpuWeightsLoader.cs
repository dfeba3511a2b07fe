using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>Finds, checks and prepares the tensors of a shard.</summary>
internal sealed unsafe class CpuWeightsLoader(ModelFile file, ShardSpec spec, IProgress<LoadProgress>? progress, CancellationToken cancellation)
{
    private readonly List<IDisposable> _owned = [];
    private long _done;
    private long _total;

    /// <summary>Bytes that the shard's tensors have in the file.</summary>
    public static long FileBytes(ModelFile file, ShardSpec spec)
    {
        long bytes = 0;
        foreach (GgufTensor tensor in file.Tensors)
        {
            bytes += Belongs(tensor.Name, spec) ? tensor.ByteLength : 0;
        }
        return bytes;
    }

    /// <summary>Loads everything; releases what it has when it fails.</summary>
    public CpuWeights Load(ModelConfiguration configuration)
    {
        _total = FileBytes(file, spec);
        try
        {
            RefuseForeignTensors();
            return LoadParts(configuration);
        }
        catch
        {
            foreach (IDisposable owned in _owned)
            {
                owned.Dispose();
            }
            throw;
        }
    }

    private static bool Belongs(string name, ShardSpec spec)
    {
        if (name.StartsWith("blk.", StringComparison.Ordinal))
        {
            int dot = name.IndexOf('.', 4);
            return dot > 0 && int.TryParse(name.AsSpan(4, dot - 4), out int layer) && layer >= spec.FirstLayer && layer < spec.LastLayer;
        }
        return name switch
        {
            "token_embd.weight" => spec.HasEmbedding,
            "output.weight" or "output_norm.weight" => spec.HasHead,
            _ => false,
        };
    }

    private CpuWeights LoadParts(ModelConfiguration configuration)
    {
        GgufTensor embedding = Find("token_embd.weight", configuration.ModelSize, configuration.VocabularySize);
        if (spec.HasEmbedding)
        {
            WeightChecks.RequireFinite(file, embedding);
            Advance(embedding);
        }
        CpuLayer[] layers = new CpuLayer[spec.LastLayer - spec.FirstLayer];
        for (int i = 0; i < layers.Length; i++)
        {
            layers[i] = LoadLayer(configuration, $"blk.{spec.FirstLayer + i}.");
        }
        WeightMatrix? head = null;
        if (spec.HasHead)
        {
            head = Matrix(configuration.TiedEmbeddings ? "token_embd.weight" : "output.weight", configuration.ModelSize, configuration.VocabularySize);
        }
        return new CpuWeights(_owned)
        {
            Configuration = configuration,
            Layers = layers,
            EmbeddingType = embedding.Type,
            Embedding = spec.HasEmbedding ? file.GetPointer(embedding) : null,
            FinalNorm = spec.HasHead ? Vector("output_norm.weight", configuration.ModelSize) : null,
            Head = head,
            Rope = LoadRope(configuration),
            Bytes = _done,
        };
    }

    private CpuLayer LoadLayer(ModelConfiguration configuration, string prefix)
    {
        int width = configuration.ModelSize;
        int queryWidth = configuration.Heads * configuration.HeadSize;
        int keyWidth = configuration.KvHeads * configuration.HeadSize;
        return new CpuLayer
        {
            AttentionNorm = Vector(prefix + "attn_norm.weight", width),
            Query = Matrix(prefix + "attn_q.weight", width, queryWidth),
            Key = Matrix(prefix + "attn_k.weight", width, keyWidth),
            Value = Matrix(prefix + "attn_v.weight", width, keyWidth),
            Output = Matrix(prefix + "attn_output.weight", queryWidth, width),
            QueryBias = OptionalVector(prefix + "attn_q.bias", queryWidth),
            KeyBias = OptionalVector(prefix + "attn_k.bias", keyWidth),
            ValueBias = OptionalVector(prefix + "attn_v.bias", keyWidth),
            QueryNorm = OptionalHeadNorm(prefix + "attn_q_norm.weight", configuration.HeadSize),
            KeyNorm = OptionalHeadNorm(prefix + "attn_k_norm.weight", configuration.HeadSize),
            FeedForwardNorm = Vector(prefix + "ffn_norm.weight", width),
            Gate = Matrix(prefix + "ffn_gate.weight", width, configuration.FeedForwardSize),
            Up = Matrix(prefix + "ffn_up.weight", width, configuration.FeedForwardSize),
            Down = Matrix(prefix + "ffn_down.weight", configuration.FeedForwardSize, width),
        };
    }

    private RopeTable LoadRope(ModelConfiguration configuration)
    {
        if (!file.TryGetTensor("rope_freqs.weight", out _))
        {
            return new RopeTable(configuration, spec.ContextTokens, []);
        }
        int pairs = configuration.RopeDimensions / 2;
        ReadOnlySpan<float> factors = new(Vector("rope_freqs.weight", pairs), pairs);
        for (int i = 0; i < pairs; i++)
        {
            if (!(factors[i] is > 1e-3f and < 1e9f))
            {
                throw new ModelFileException(file.Path, $"tensor 'rope_freqs.weight', element {i}", factors[i], "a divisor from 1e-3 to 1e9");
            }
        }
        return new RopeTable(configuration, spec.ContextTokens, factors);
    }

    private WeightMatrix Matrix(string name, int columns, int rows)
    {
        GgufTensor tensor = Find(name, columns, rows);
        WeightChecks.RequireFinite(file, tensor);
        WeightMatrix matrix = WeightMatrix.Create(tensor.Type, rows, columns, file.GetPointer(tensor));
        _owned.Add(matrix);
        Advance(tensor);
        return matrix;
    }

    private float* OptionalVector(string name, int count) => file.TryGetTensor(name, out _) ? Vector(name, count) : null;

    private float* OptionalHeadNorm(string name, int headSize)
    {
        if (!file.TryGetTensor(name, out _))
        {
            return null;
        }
        return headSize % 16 == 0
            ? Vector(name, headSize)
            : throw new ModelFileException(file.Path, $"tensor '{name}', row length", headSize, "a multiple of 16");
    }

    private float* Vector(string name, int count)
    {
        GgufTensor tensor = file.GetTensor(name);
        RequireShape(tensor, count, 1);
        if (tensor.Type != GgmlType.F32)
        {
            throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, "F32");
        }
        WeightChecks.RequireFinite(file, tensor);
        NativeBuffer buffer = new((long)((count + 15) & ~15) * sizeof(float));
        _owned.Add(buffer);
        file.GetData(tensor).CopyTo(new Span<byte>(buffer.Pointer, (int)buffer.Bytes));
        Advance(tensor);
        return (float*)buffer.Pointer;
    }

    private GgufTensor Find(string name, int columns, int rows)
    {
        GgufTensor tensor = file.GetTensor(name);
        RequireShape(tensor, columns, rows);
        return WeightMatrix.IsSupported(tensor.Type)
            ? tensor
            : throw new ModelFileException(file.Path, $"tensor '{name}', type", tensor.Type, WeightMatrix.SupportedTypes);
    }

    private void RequireShape(GgufTensor tensor, int columns, int rows)
    {
        if (tensor.RowElements != columns || tensor.RowCount != rows)
        {
            throw new ModelFileException(
                file.Path, $"tensor '{tensor.Name}', shape", $"{tensor.RowElements} x {tensor.RowCount}", $"{columns} x {rows}");
        }
    }

    // A tensor that the graph does not use would silently change the model's meaning.
    private void RefuseForeignTensors()
    {
        foreach (GgufTensor tensor in file.Tensors)
        {
            if (Belongs(tensor.Name, spec) && tensor.Name.StartsWith("blk.", StringComparison.Ordinal) && !CpuTensorNames.IsKnown(tensor.Name))
            {
                throw new ModelFileException(
                    file.Path, $"tensor '{tensor.Name}'", "not part of the graph", $"one of {CpuTensorNames.Listing} in every layer");
            }
        }
    }

    private void Advance(GgufTensor tensor)
    {
        cancellation.ThrowIfCancellationRequested();
        _done += tensor.ByteLength;
        progress?.Report(new LoadProgress(Math.Min(_done, _total), _total));
    }
}
