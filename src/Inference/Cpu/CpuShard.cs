using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>A range of layers on the CPU: runs what the layers' blocks say (<see cref="LayerBlock"/>).</summary>
internal sealed unsafe class CpuShard : IShard
{
    private readonly CpuWeights _weights;
    private readonly KvStore _kv;
    private readonly ShardScratch _scratch;
    private readonly WorkerPool _pool;
    private readonly ForwardState _state;
    private readonly RowWork _rows;
    private readonly MatMulWork _products;
    private readonly AttentionWork _attention;
    private readonly ExpertWork _experts;
    private readonly LogitWork _logits;
    private bool _disposed;

    /// <summary>Takes over the weights and the threads.</summary>
    public CpuShard(ShardSpec spec, CpuWeights weights, CpuKernels kernels, WorkerPool pool, ShardOptions options, string numerics)
    {
        Spec = spec;
        Numerics = numerics;
        _weights = weights;
        _kv = new KvStore(new KvShape
        {
            Layers = spec.LastLayer - spec.FirstLayer,
            KvHeads = weights.Configuration.KvHeads,
            HeadSize = weights.Configuration.HeadSize,
            BlockTokens = spec.BlockTokens,
            BlockCount = spec.BlockCount,
            ScratchTokens = spec.ScratchTokens,
            Type = options.KvType,
        });
        _scratch = new ShardScratch(weights.Configuration, weights.Ropes.Length, _kv.Shape, spec.ContextTokens, options.Threads);
        _pool = pool;
        _pool.Profile = options.Profile;
        _state = new ForwardState { Weights = weights, Kernels = kernels, Kv = _kv, Scratch = _scratch };
        _rows = new RowWork(_state, _pool);
        _products = new MatMulWork(kernels, _pool);
        _attention = new AttentionWork(_state, _pool);
        _experts = new ExpertWork(_state, _products, _pool);
        _logits = new LogitWork(kernels, _pool);
    }

    /// <inheritdoc/>
    public ShardSpec Spec { get; }

    /// <inheritdoc/>
    public string Numerics { get; }

    /// <inheritdoc/>
    public long WeightBytes => _weights.Bytes;

    /// <inheritdoc/>
    public long KvBytes => _kv.Bytes;

    /// <summary>The cache, for tests that compare what is stored.</summary>
    internal KvStore Kv => _kv;

    /// <inheritdoc/>
    public bool KeepsFeatures => true;

    /// <inheritdoc/>
    public bool RunsLayers => true;

    /// <inheritdoc/>
    public void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation) =>
        ForwardLayers(batch, input, output, Spec.FirstLayer, Spec.LastLayer, cancellation);

    /// <inheritdoc/>
    public void ForwardLayers(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, int firstLayer, int lastLayer, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batch);
        if (firstLayer < Spec.FirstLayer || lastLayer > Spec.LastLayer || firstLayer >= lastLayer)
        {
            throw new ArgumentOutOfRangeException(nameof(firstLayer), $"Layers '{firstLayer}' to '{lastLayer}' are not among the shard's, {Spec.FirstLayer} to {Spec.LastLayer}.");
        }
        long floats = (long)batch.RowCount * Spec.ModelSize;
        ShardSpans.Require(input.Length, firstLayer == 0 ? 0 : floats, "input");
        ShardSpans.Require(output.Length, floats, "output");
        BatchChecks.Check(batch, Spec);
        if (batch.RowCount == 0)
        {
            return;
        }
        _state.Begin(batch);
        _attention.Begin(batch);
        if (firstLayer == 0)
        {
            Embed(batch);
        }
        else
        {
            CopyIn(input, batch.RowCount);
        }
        batch.Features?.Reserve(batch.RowCount);
        for (int layer = firstLayer; layer < lastLayer; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            Keep(batch.Features, layer, batch.RowCount);
            _state.Layer = layer - Spec.FirstLayer;
            bool last = layer == Spec.ModelLayers - 1;
            RunLayer(_weights.Layers[_state.Layer], batch.RowCount, last && _state.OutputCount < batch.RowCount);
        }
        CopyOut(output, batch.RowCount, onlyOutputs: lastLayer == Spec.ModelLayers && _state.OutputCount < batch.RowCount);
    }

    /// <inheritdoc/>
    public void ComputeLogits(ReadOnlySpan<float> hidden, int rows, Span<float> logits)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_weights.Head is null)
        {
            throw new InvalidOperationException(
                $"Layers '{Spec.FirstLayer}' to '{Spec.LastLayer}' of '{Spec.ModelLayers}' have no head; ask the last shard for logits.");
        }
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ShardSpans.Require(hidden.Length, (long)rows * Spec.ModelSize, "hidden");
        ShardSpans.Require(logits.Length, (long)rows * Spec.VocabularySize, "logits");
        if (rows == 0)
        {
            return;
        }
        _scratch.Reserve(rows);
        CopyIn(hidden, rows);
        _rows.Go(RowStage.FinalNorm, rows);
        fixed (float* destination = logits)
        {
            ActivationRows input = _state.Input(_scratch.Normed, _scratch.WidthStride, Spec.ModelSize);
            _products.Start(input, rows).With(_weights.Head, destination, Spec.VocabularySize).Go(OperationKind.Head);
            _logits.Go(destination, rows, Spec.VocabularySize, _weights.HeadBias, _weights.Configuration.LogitSoftCap);
        }
    }

    /// <inheritdoc/>
    public void CopyBlock(int source, int destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _kv.CopyBlock(source, destination);
    }

    /// <inheritdoc/>
    public void CopyRow(int sourceSlot, int destinationSlot)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _kv.CopyRow(sourceSlot, destinationSlot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _pool.Dispose();
        _scratch.Dispose();
        _kv.Dispose();
        _weights.Dispose();
    }

    private void Keep(FeatureRows? features, int layersDone, int rows)
    {
        int place = features?.PlaceOf(layersDone) ?? -1;
        for (int row = 0; place >= 0 && row < rows; row++)
        {
            features!.Keep(row, place, new ReadOnlySpan<float>(_scratch.Hidden + ((long)row * _scratch.WidthStride), Spec.ModelSize));
        }
    }

    // In the model's last layer only rows that the sampler needs go past the stored keys and values.
    private void RunLayer(CpuLayer layer, int rows, bool onlyOutputs)
    {
        ShardScratch s = _scratch;
        _rows.Go(RowStage.AttentionNorm, rows);
        _products.Start(_state.Input(s.Normed, s.WidthStride, Spec.ModelSize), rows)
            .With(layer.Query, s.Query, s.QueryStride)
            .With(layer.Key, s.Key, s.KeyStride)
            .With(layer.Value, s.Value, s.KeyStride)
            .Go(OperationKind.QueryKeyValue);
        _rows.Go(RowStage.RotateAndStore, rows);
        if (onlyOutputs && _state.OutputCount == 0)
        {
            return;
        }
        _attention.Go(onlyOutputs);
        if (onlyOutputs)
        {
            rows = _state.OutputCount;
            Compact();
        }
        FinishLayer(layer, rows);
    }

    private void FinishLayer(CpuLayer layer, int rows)
    {
        ShardScratch s = _scratch;
        int queryWidth = _weights.Configuration.Heads * _weights.Configuration.HeadSize;
        _rows.Go(RowStage.AttentionResult, rows);
        _products.Start(_state.Input(s.Attention, s.QueryStride, queryWidth), rows)
            .With(layer.Output, layer.JoinsAttention ? s.Normed : s.Hidden, s.WidthStride, add: !layer.JoinsAttention)
            .Go(OperationKind.AttentionOutput);
        _rows.Go(RowStage.FeedForwardNorm, rows);
        if (layer.Dense is { } dense)
        {
            FeedForward(dense, layer, rows);
        }
        else
        {
            _experts.Go(rows);
        }
        if (layer.JoinsFeedForward)
        {
            _rows.Go(RowStage.FeedForwardJoin, rows);
        }
    }

    private void FeedForward(CpuFeedForward dense, CpuLayer layer, int rows)
    {
        ShardScratch s = _scratch;
        _products.Start(_state.Input(s.Normed, s.WidthStride, Spec.ModelSize), rows)
            .With(dense.Gate, s.Gate, s.FeedForwardStride)
            .With(dense.Up, s.Up, s.FeedForwardStride)
            .Go(OperationKind.GateUp);
        _rows.Go(RowStage.Activate, rows);
        _products.Start(_state.Input(s.Gate, s.FeedForwardStride, layer.Block.FeedForward.Size), rows)
            .With(dense.Down, layer.JoinsFeedForward ? s.Normed : s.Hidden, s.WidthStride, add: !layer.JoinsFeedForward)
            .Go(OperationKind.Down);
    }

    private void Embed(ForwardBatch batch)
    {
        _pool.Profile?.Begin();
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            ForwardSequence sequence = batch[i];
            float* row = _scratch.Hidden + ((long)sequence.FirstRow * _scratch.WidthStride);
            foreach (int token in sequence.Tokens)
            {
                EmbeddingRows.Read(_weights.EmbeddingType, _weights.Embedding, token, Spec.ModelSize, row);
                Scale(row, Spec.ModelSize, _weights.Configuration.EmbeddingScale);
                row += _scratch.WidthStride;
            }
        }
        _pool.Profile?.End(new Operation(OperationKind.Embedding, _weights.EmbeddingType, batch.RowCount));
    }

    private static void Scale(float* row, int count, float factor)
    {
        for (int i = 0; factor != 1 && i < count; i++)
        {
            row[i] *= factor;
        }
    }

    private void CopyIn(ReadOnlySpan<float> hidden, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> destination = new(_scratch.Hidden + ((long)row * _scratch.WidthStride), Spec.ModelSize);
            hidden.Slice(row * Spec.ModelSize, Spec.ModelSize).CopyTo(destination);
        }
    }

    // Rows that go on move to the front; a row never moves past one that is still to move.
    private void Compact()
    {
        for (int i = 0; i < _state.OutputCount; i++)
        {
            Move(_scratch.Hidden, _scratch.WidthStride, _state.OutputRows[i], i);
            Move(_scratch.Attention, _scratch.QueryStride, _state.OutputRows[i], i);
        }
    }

    private static void Move(float* rows, int stride, int from, int to) =>
        new ReadOnlySpan<float>(rows + ((long)from * stride), stride).CopyTo(new Span<float>(rows + ((long)to * stride), stride));

    private void CopyOut(Span<float> output, int rows, bool onlyOutputs)
    {
        int count = onlyOutputs ? _state.OutputCount : rows;
        if (onlyOutputs)
        {
            output.Clear();
        }
        for (int row = 0; row < count; row++)
        {
            ReadOnlySpan<float> source = new(_scratch.Hidden + ((long)row * _scratch.WidthStride), Spec.ModelSize);
            source.CopyTo(output.Slice((onlyOutputs ? _state.OutputRows[row] : row) * Spec.ModelSize, Spec.ModelSize));
        }
    }
}
