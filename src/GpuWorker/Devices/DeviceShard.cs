using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Rows;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// A range of layers on a device: runs what the layers' blocks say (<see cref="LayerBlock"/>). A pass is one upload of what is known of its rows,
/// launches on one stream, and one download; hidden states stay on the device between layers.
/// </summary>
internal sealed class DeviceShard : IShard
{
    // Partial results of attention, one for each row and split of 256 positions. Passes that need more share fewer splits.
    private const int Partials = 4096;
    private readonly DeviceWeights _weights;
    private readonly DeviceKernels _kernels;
    private readonly DeviceScratch _scratch;
    private readonly DeviceKv _kv;
    private readonly LayerKv[] _layerKv;
    private readonly PassMetadata _pass;
    private readonly Staging<int> _passInts;
    private readonly Staging<float>[] _angles;
    private readonly Staging<float> _rows;
    private readonly Staging<float> _logits;
    private readonly RopeStoreOp _ropeStore;
    private readonly AttentionOp _attention;
    private readonly KvCopyOp _copy;
    private readonly EmbedOp? _embed;
    private readonly DeviceExpertRun _experts;
    private readonly AcceleratorStream _stream;
    private readonly string _device;
    private bool _disposed;

    /// <summary>Takes over the weights.</summary>
    public DeviceShard(ShardSpec spec, DeviceWeights weights, DeviceKernels kernels, KvType kvType, string numerics, string device)
    {
        Spec = spec;
        Numerics = numerics;
        _weights = weights;
        _kernels = kernels;
        _device = device;
        _stream = kernels.Accelerator.DefaultStream;
        Accelerator accelerator = kernels.Accelerator;
        ModelConfiguration model = weights.Model;
        DeviceKvLayout layout = new(
            spec.LastLayer - spec.FirstLayer, model.KvHeads, model.HeadSize, spec.BlockTokens, spec.BlockCount, spec.ScratchTokens, kvType);
        _kv = new DeviceKv(accelerator, layout);
        _layerKv = [.. Enumerable.Range(0, layout.Layers).Select(_kv.Layer)];
        _ropeStore = new RopeStoreOp(accelerator, layout, model.Heads);
        _attention = new AttentionOp(accelerator, layout, model.Heads, Partials);
        _copy = new KvCopyOp(accelerator, _kv);
        _scratch = new DeviceScratch(accelerator, model, Forms(weights));
        _embed = weights.Embedding is { } embedding ? new EmbedOp(accelerator, embedding.Form) : null;
        _experts = new DeviceExpertRun(kernels, model, _scratch);
        _pass = new PassMetadata(new PassShape
        {
            BlockTokens = spec.BlockTokens,
            QueriesPerKvHead = model.Heads / model.KvHeads,
            Windows = [.. weights.Layers.Select(layer => layer.Block.Attention.Window).Distinct()],
            Partials = Partials,
        });
        _passInts = new Staging<int>(accelerator);
        _angles = [.. weights.Ropes.Select(_ => new Staging<float>(accelerator))];
        _rows = new Staging<float>(accelerator);
        _logits = new Staging<float>(accelerator);
    }

    /// <inheritdoc/>
    public ShardSpec Spec { get; }

    /// <inheritdoc/>
    public string Numerics { get; }

    /// <inheritdoc/>
    public long WeightBytes => _weights.Bytes;

    /// <inheritdoc/>
    public long KvBytes => _kv.Layout.Bytes;

    private ModelConfiguration Model => _weights.Model;

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
    public void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batch);
        long floats = (long)batch.RowCount * Spec.ModelSize;
        ShardSpans.Require(input.Length, Spec.HasEmbedding ? 0 : floats, "input");
        ShardSpans.Require(output.Length, floats, "output");
        BatchChecks.Check(batch, Spec);
        if (batch.RowCount == 0)
        {
            return;
        }
        try
        {
            Run(batch, input, output, cancellation);
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
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
        try
        {
            RunHead(_weights.Head, hidden, rows, logits);
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    public void CopyBlock(int source, int destination)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _copy.CopyBlock(_stream, source, destination);
    }

    /// <inheritdoc/>
    public void CopyRow(int sourceSlot, int destinationSlot)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _copy.CopyRow(_stream, sourceSlot, destinationSlot);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _stream.Synchronize();
        _attention.Dispose();
        _passInts.Dispose();
        Array.ForEach(_angles, angles => angles.Dispose());
        _rows.Dispose();
        _logits.Dispose();
        _experts.Dispose();
        _scratch.Dispose();
        _kv.Dispose();
        _weights.Dispose();
    }

    // What the products of the shard's matrices read.
    private static ActivationForms Forms(DeviceWeights weights)
    {
        ActivationForms forms = weights.Head?.Form.Input() ?? ActivationForms.None;
        foreach (DeviceLayer layer in weights.Layers)
        {
            forms |= layer.AttentionInput | layer.Output.Form.Input();
            forms |= layer.Dense is { } dense
                ? dense.Input | dense.Down.Form.Input()
                : layer.Experts!.Router.Form.Input() | layer.Experts.GateUp.Form.Input() | layer.Experts.Down.Form.Input();
        }
        return forms;
    }

    private void Run(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation)
    {
        _scratch.Reserve(batch.RowCount);
        _pass.Build(batch);
        SendPass();
        if (Spec.HasEmbedding)
        {
            ArrayView<int> tokens = _passInts.Device.SubView(_pass.Tokens, batch.RowCount);
            _embed!.Run(_stream, _weights.Embedding!, tokens, batch.RowCount, Model.EmbeddingScale, _scratch.Hidden);
        }
        else
        {
            SendRows(input, batch.RowCount, _scratch.Hidden);
        }
        RowsView hidden = _scratch.Hidden;
        for (int layer = 0; layer < _weights.Layers.Length; layer++)
        {
            cancellation.ThrowIfCancellationRequested();
            bool last = Spec.HasHead && layer == _weights.Layers.Length - 1;
            hidden = RunLayer(layer, batch.RowCount, last && _pass.OutputCount < batch.RowCount);
        }
        FetchRows(output, batch.RowCount, hidden);
    }

    private void SendPass()
    {
        ReadOnlySpan<int> data = _pass.Data;
        _passInts.Reserve(data.Length);
        data.CopyTo(_passInts.Host);
        _passInts.Send(_stream, data.Length);
        for (int i = 0; i < _angles.Length; i++)
        {
            int count = _pass.RowCount * _weights.Ropes[i].RowFloats;
            _angles[i].Reserve(count);
            _weights.Ropes[i].Write(_pass, _angles[i].Host);
            _angles[i].Send(_stream, count);
        }
    }

    // In the model's last layer only rows that the sampler needs go past the stored keys and values.
    private RowsView RunLayer(int index, int rows, bool onlyOutputs)
    {
        DeviceLayer layer = _weights.Layers[index];
        DeviceScratch s = _scratch;
        _kernels.Prepare.Normed(_stream, s.Hidden, layer.AttentionNorm, Model.NormEpsilon, rows, default, s.Prepared, layer.AttentionInput);
        Project(layer, rows);
        int queryWidth = Model.Heads * Model.HeadSize;
        int keyWidth = Model.KvHeads * Model.HeadSize;
        RowsView queries = Part(s.Projected, 0, queryWidth);
        _ropeStore.Run(
            _stream, rows, _passInts.Device, queries, Part(s.Projected, queryWidth, keyWidth), Part(s.Projected, queryWidth + keyWidth, keyWidth),
            layer.HeadVectors, Model.NormEpsilon, _angles[layer.Rope].Device, layer.Block.Attention.Rope, _layerKv[index]);
        if (onlyOutputs && _pass.OutputCount == 0)
        {
            return s.Outputs;
        }
        AttentionBlock block = layer.Block.Attention;
        _attention.Run(_stream, rows, _passInts.Device, _pass.List(block.Window, onlyOutputs), block, queries, _layerKv[index], s.Attention);
        RowsView hidden = s.Hidden;
        if (onlyOutputs)
        {
            _kernels.Gather.Run(_stream, s.Hidden, _passInts.Device.SubView(_pass.OutputRows, _pass.OutputCount), s.Outputs);
            hidden = s.Outputs;
            rows = _pass.OutputCount;
        }
        FinishAttention(layer, rows, hidden);
        FeedForward(layer, rows, hidden);
        return hidden;
    }

    private void Project(DeviceLayer layer, int rows)
    {
        int first = 0;
        foreach (WeightBuffer matrix in layer.Projections)
        {
            _kernels.Products.Run(_stream, matrix, _scratch.Prepared, rows, Part(_scratch.Projected, first, matrix.Outputs));
            first += matrix.Outputs;
        }
    }

    private void FinishAttention(DeviceLayer layer, int rows, in RowsView hidden)
    {
        _kernels.Prepare.Plain(_stream, _scratch.Attention, rows, _scratch.Prepared, layer.Output.Form.Input());
        AddProduct(layer.Output, layer.OutputBias, layer.AttentionPostNorm, rows, hidden);
    }

    private void FeedForward(DeviceLayer layer, int rows, in RowsView hidden)
    {
        DeviceScratch s = _scratch;
        if (layer.Dense is not { } dense)
        {
            _experts.Run(_stream, layer, rows, hidden);
            return;
        }
        _kernels.Prepare.Normed(_stream, hidden, layer.FeedForwardNorm, Model.NormEpsilon, rows, default, s.Prepared, dense.Input);
        bool gelu = layer.Block.FeedForward.Activation == Activation.GeluTanh;
        int width = layer.Block.FeedForward.Size;
        RowsView gate = Part(s.Gate, 0, width);
        if (dense.GateUp.Length == 1)
        {
            ProductResult gated = gelu ? ProductResult.Gelu : ProductResult.Silu;
            _kernels.Products.Run(_stream, dense.GateUp[0], s.Prepared, rows, gate, gated, dense.GateUpBias[0]);
            _kernels.Prepare.Plain(_stream, gate, rows, s.Prepared, dense.Down.Form.Input());
        }
        else
        {
            RowsView up = Part(s.Up, 0, width);
            _kernels.Products.Run(_stream, dense.GateUp[0], s.Prepared, rows, gate, ProductResult.Store, dense.GateUpBias[0]);
            _kernels.Products.Run(_stream, dense.GateUp[1], s.Prepared, rows, up, ProductResult.Store, dense.GateUpBias[1]);
            _kernels.Prepare.Gated(_stream, gate, up, gelu, rows, s.Prepared, dense.Down.Form.Input());
        }
        AddProduct(dense.Down, dense.DownBias, layer.FeedForwardPostNorm, rows, hidden);
    }

    // What a part of a layer gives is added to the hidden states, normed once more where the model says so.
    private void AddProduct(WeightBuffer matrix, ArrayView<float> bias, ArrayView<float> norm, int rows, in RowsView hidden)
    {
        if (norm.Length == 0)
        {
            _kernels.Products.Run(_stream, matrix, _scratch.Prepared, rows, hidden, ProductResult.Add, bias);
            return;
        }
        _kernels.Products.Run(_stream, matrix, _scratch.Prepared, rows, _scratch.Result, ProductResult.Store, bias);
        _kernels.Join.Run(_stream, _scratch.Result, hidden, rows, default, norm, Model.NormEpsilon);
    }

    private void RunHead(WeightBuffer head, ReadOnlySpan<float> hidden, int rows, Span<float> logits)
    {
        _scratch.Reserve(rows);
        SendRows(hidden, rows, _scratch.Outputs);
        _kernels.Prepare.Normed(
            _stream, _scratch.Outputs, _weights.FinalNorm, Model.NormEpsilon, rows, default, _scratch.Prepared, head.Form.Input());
        int stride = RowsView.StrideOf(Spec.VocabularySize);
        _logits.Reserve((long)rows * stride);
        RowsView view = new(_logits.Device, Spec.VocabularySize, stride);
        _kernels.Products.Run(_stream, head, _scratch.Prepared, rows, view, ProductResult.Store, _weights.HeadBias);
        _kernels.LogitFinish.Run(_stream, rows, view, ArrayView<float>.Empty, Model.LogitSoftCap);
        _logits.Fetch(_stream, _logits.Device.SubView(0, (long)rows * stride));
        _stream.Synchronize();
        for (int row = 0; row < rows; row++)
        {
            _logits.Host.Slice(row * stride, Spec.VocabularySize).CopyTo(logits[(row * Spec.VocabularySize)..]);
        }
    }

    private static RowsView Part(in RowsView rows, int first, int width) => new(rows.Values.SubView(first, rows.Values.Length - first), width, rows.Stride);

    private void SendRows(ReadOnlySpan<float> source, int rows, in RowsView destination)
    {
        int stride = destination.Stride;
        _rows.Reserve((long)rows * stride);
        for (int row = 0; row < rows; row++)
        {
            source.Slice(row * Spec.ModelSize, Spec.ModelSize).CopyTo(_rows.Host[(row * stride)..]);
        }
        _rows.Send(_stream, rows * stride);
        destination.Values.SubView(0, rows * stride).CopyFrom(_stream, _rows.Device.SubView(0, rows * stride));
    }

    private void FetchRows(Span<float> output, int rows, in RowsView hidden)
    {
        bool compact = Spec.HasHead && _pass.OutputCount < rows;
        int count = compact ? _pass.OutputCount : rows;
        int stride = hidden.Stride;
        _rows.Reserve((long)count * stride);
        _rows.Fetch(_stream, hidden.Values.SubView(0, count * stride));
        _stream.Synchronize();
        if (compact)
        {
            output.Clear();
        }
        ReadOnlySpan<int> outputRows = _pass.Data.Slice(_pass.OutputRows, _pass.OutputCount);
        for (int row = 0; row < count; row++)
        {
            int place = compact ? outputRows[row] : row;
            _rows.Host.Slice(row * stride, Spec.ModelSize).CopyTo(output[(place * Spec.ModelSize)..]);
        }
    }
}
