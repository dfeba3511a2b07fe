using Winnow.Inference.Cpu;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Drafting.Heads;

/// <summary>
/// The arithmetic of a head of EAGLE-3's kind (Li et al., 2503.01840), row by row on the CPU: hidden states of the target are joined into one, and a decoder
/// layer reads it beside the embedding of the token that came next. Attention is the caller's.
/// </summary>
internal sealed unsafe class HeadNetwork : IDisposable
{
    // Below this a guess is not worth waking other threads for.
    private const long WeightsForThreads = 1 << 23;
    private const int Lane = 16;

    private readonly HeadConfiguration _head;
    private readonly CpuKernels _kernels = CpuKernels.Best;
    private readonly WorkerPool _pool;
    private readonly MatMulWork _products;
    private readonly TensorLoader _loader;
    private readonly WeightMatrix _fuse, _query, _key, _value, _output, _gate, _up, _down, _logits;
    private readonly float* _embeddingNorm, _hiddenNorm, _feedForwardNorm, _finalNorm;
    private readonly GgmlType _embeddingType;
    private readonly byte* _embedding;
    private readonly float[] _frequencies;
    private NativeBuffer? _memory;
    private int _capacity;
    private float* _features, _hidden, _joined, _scratch, _queries, _keys, _values, _gates, _ups, _scores;
    private byte* _quantized;

    /// <summary>Loads a head's weights; embeddings stay in the file, which must stay open.</summary>
    /// <exception cref="ModelFileException">A tensor is missing or damaged.</exception>
    public HeadNetwork(ModelFile file, HeadConfiguration head, int threads)
    {
        _head = head;
        _pool = new WorkerPool(head.WeightBytes < WeightsForThreads ? 1 : threads);
        _products = new MatMulWork(_kernels, _pool);
        _loader = new TensorLoader(file, _pool, head.WeightBytes, progress: null, CancellationToken.None);
        try
        {
            _fuse = _loader.Matrix(HeadTensors.Fuse);
            _query = _loader.Matrix(HeadTensors.Query);
            _key = _loader.Matrix(HeadTensors.Key);
            _value = _loader.Matrix(HeadTensors.Value);
            _output = _loader.Matrix(HeadTensors.Output);
            _gate = _loader.Matrix(HeadTensors.Gate);
            _up = _loader.Matrix(HeadTensors.Up);
            _down = _loader.Matrix(HeadTensors.Down);
            _logits = _loader.Matrix(HeadTensors.Head);
            _embeddingNorm = _loader.Vector(HeadTensors.EmbeddingNorm);
            _hiddenNorm = _loader.Vector(HeadTensors.HiddenNorm);
            _feedForwardNorm = _loader.Vector(HeadTensors.FeedForwardNorm);
            _finalNorm = _loader.Vector(HeadTensors.FinalNorm);
            _embeddingType = file.GetTensor(HeadTensors.Embedding).Type;
            _embedding = _loader.Rows(file.GetTensor(HeadTensors.Embedding));
        }
        catch
        {
            Dispose();
            throw;
        }
        int half = head.HeadSize / 2;
        _frequencies = [.. Enumerable.Range(0, half).Select(i => MathF.Pow(head.RopeBase, -(float)i / half))];
    }

    /// <summary>Floats from row to row of logits.</summary>
    public int LogitStride => Padded(_head.DraftVocabularySize);

    private int FeatureStride => Padded(_fuse.Columns);

    private int QueryStride => Padded(_head.Heads * _head.HeadSize);

    private int KeyStride => Padded(_head.KvHeads * _head.HeadSize);

    private int FeedForwardStride => Padded(_head.FeedForwardSize);

    /// <summary>Makes room for rows; what they held is lost when it grows.</summary>
    public void Reserve(int rows)
    {
        if (rows <= _capacity)
        {
            return;
        }
        int w = _head.Width;
        int widest = (Math.Max(Math.Max(FeatureStride, 2 * w), Math.Max(QueryStride, FeedForwardStride)) + 31) & ~31;
        long floats = FeatureStride + (4L * w) + QueryStride + (2L * KeyStride) + (2L * FeedForwardStride) + LogitStride;
        _memory?.Dispose();
        _capacity = Math.Max(rows, Math.Min(2 * _capacity, _capacity + 256));
        _memory = new NativeBuffer((_capacity * floats * sizeof(float)) + QuantizedRows.BytesFor(_capacity, widest) + 64);
        float* next = (float*)_memory.Pointer;
        _features = Take(ref next, FeatureStride);
        _hidden = Take(ref next, w);
        _joined = Take(ref next, 2 * w);
        _scratch = Take(ref next, w);
        _queries = Take(ref next, QueryStride);
        _keys = Take(ref next, KeyStride);
        _values = Take(ref next, KeyStride);
        _gates = Take(ref next, FeedForwardStride);
        _ups = Take(ref next, FeedForwardStride);
        _scores = Take(ref next, LogitStride);
        _quantized = (byte*)(((nuint)next + 63) & ~(nuint)63);
    }

    /// <summary>Where a row's hidden states of the target go.</summary>
    public Span<float> Features(int row) => new(_features + ((long)row * FeatureStride), _fuse.Columns);

    /// <summary>A row's queries; after attention, its result.</summary>
    public Span<float> Queries(int row) => new(_queries + ((long)row * QueryStride), _head.Heads * _head.HeadSize);

    /// <summary>A row's keys.</summary>
    public ReadOnlySpan<float> Keys(int row) => new(_keys + ((long)row * KeyStride), _head.KvHeads * _head.HeadSize);

    /// <summary>A row's values.</summary>
    public ReadOnlySpan<float> Values(int row) => new(_values + ((long)row * KeyStride), _head.KvHeads * _head.HeadSize);

    /// <summary>A row's logits over the head's own vocabulary.</summary>
    public ReadOnlySpan<float> Logits(int row) => new(_scores + ((long)row * LogitStride), _head.DraftVocabularySize);

    /// <summary>Joins the target's hidden states of rows into hidden states of the head.</summary>
    public void Fuse(int rows) => _products.Start(Input(_features, FeatureStride, _fuse.Columns, rows, _fuse.InputForm), rows)
        .With(_fuse, _hidden, _head.Width).Go(OperationKind.QueryKeyValue);

    /// <summary>Sets beside every row's hidden state the token that came next, and computes keys and values.</summary>
    public void Read(ReadOnlySpan<int> tokens, ReadOnlySpan<int> positions)
    {
        int w = _head.Width;
        for (int row = 0; row < tokens.Length; row++)
        {
            float* joined = _joined + ((long)row * 2 * w);
            EmbeddingRows.Read(_embeddingType, _embedding, tokens[row], w, _scratch);
            _kernels.RmsNorm(_scratch, _embeddingNorm, w, _head.NormEpsilon, joined);
            _kernels.RmsNorm(_hidden + ((long)row * w), _hiddenNorm, w, _head.NormEpsilon, joined + w);
        }
        _products.Start(Input(_joined, 2 * w, 2 * w, tokens.Length, _key.InputForm | _value.InputForm), tokens.Length)
            .With(_key, _keys, KeyStride).With(_value, _values, KeyStride).Go(OperationKind.QueryKeyValue);
        for (int row = 0; row < tokens.Length; row++)
        {
            Rotate(_keys + ((long)row * KeyStride), _head.KvHeads, positions[row]);
        }
    }

    /// <summary>Moves a row that goes on to the front; a row never moves past one that is still to move.</summary>
    public void Move(int from, int to)
    {
        int w = _head.Width;
        new Span<float>(_hidden + ((long)from * w), w).CopyTo(new Span<float>(_hidden + ((long)to * w), w));
        new Span<float>(_joined + ((long)from * 2 * w), 2 * w).CopyTo(new Span<float>(_joined + ((long)to * 2 * w), 2 * w));
    }

    /// <summary>Rows go on from hidden states of rows before, several from one if need be.</summary>
    /// <param name="sources">The row that each goes on from.</param>
    public void Gather(ReadOnlySpan<int> sources)
    {
        int w = _head.Width;
        for (int row = 0; row < sources.Length; row++)
        {
            new Span<float>(_hidden + ((long)sources[row] * w), w).CopyTo(new Span<float>(_joined + ((long)row * 2 * w), w));
        }
        for (int row = 0; row < sources.Length; row++)
        {
            new Span<float>(_joined + ((long)row * 2 * w), w).CopyTo(new Span<float>(_hidden + ((long)row * w), w));
        }
    }

    /// <summary>Queries of the first rows.</summary>
    public void Ask(ReadOnlySpan<int> positions)
    {
        int w = _head.Width;
        _products.Start(Input(_joined, 2 * w, 2 * w, positions.Length, _query.InputForm), positions.Length)
            .With(_query, _queries, QueryStride).Go(OperationKind.QueryKeyValue);
        for (int row = 0; row < positions.Length; row++)
        {
            Rotate(_queries + ((long)row * QueryStride), _head.Heads, positions[row]);
        }
    }

    /// <summary>The rest of the layer, after attention, and the logits.</summary>
    public void Finish(int rows)
    {
        int w = _head.Width;
        _products.Start(Input(_queries, QueryStride, _output.Columns, rows, _output.InputForm), rows)
            .With(_output, _hidden, w, add: true).Go(OperationKind.AttentionOutput);
        Norm(_feedForwardNorm, rows);
        _products.Start(Input(_joined, 2 * w, w, rows, _gate.InputForm | _up.InputForm), rows)
            .With(_gate, _gates, FeedForwardStride).With(_up, _ups, FeedForwardStride).Go(OperationKind.GateUp);
        for (int row = 0; row < rows; row++)
        {
            _kernels.Gate(Activation.Silu, _gates + ((long)row * FeedForwardStride), _ups + ((long)row * FeedForwardStride), FeedForwardStride);
        }
        _products.Start(Input(_gates, FeedForwardStride, _down.Columns, rows, _down.InputForm), rows)
            .With(_down, _hidden, w, add: true).Go(OperationKind.Down);
        Norm(_finalNorm, rows);
        _products.Start(Input(_joined, 2 * w, w, rows, _logits.InputForm), rows).With(_logits, _scores, LogitStride).Go(OperationKind.Head);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _pool.Dispose();
        _loader.Owned.ForEach(owned => owned.Dispose());
        _memory?.Dispose();
    }

    private static int Padded(int count) => (count + Lane - 1) / Lane * Lane;

    private float* Take(ref float* next, int stride)
    {
        float* start = next;
        next += (long)_capacity * stride;
        return start;
    }

    private void Norm(float* weight, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            _kernels.RmsNorm(_hidden + ((long)row * _head.Width), weight, _head.Width, _head.NormEpsilon, _joined + ((long)row * 2 * _head.Width));
        }
    }

    private ActivationRows Input(float* rows, int stride, int columns, int count, InputForms forms)
    {
        if (forms == InputForms.None)
        {
            return new ActivationRows((IntPtr)rows, stride, default);
        }
        QuantizedRows quantized = new(_quantized, _capacity, columns);
        for (int row = 0; row < count; row++)
        {
            _kernels.Quantize(rows + ((long)row * stride), quantized, row, forms);
        }
        return new ActivationRows((IntPtr)rows, stride, quantized);
    }

    private void Rotate(float* heads, int count, int position)
    {
        int half = _frequencies.Length;
        for (int i = 0; i < half; i++)
        {
            (float sine, float cosine) = MathF.SinCos(position * _frequencies[i]);
            for (int head = 0; head < count; head++)
            {
                float* pair = heads + (head * _head.HeadSize) + i;
                (pair[0], pair[half]) = ((pair[0] * cosine) - (pair[half] * sine), (pair[half] * cosine) + (pair[0] * sine));
            }
        }
    }
}
