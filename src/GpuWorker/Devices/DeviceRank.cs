using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Rows;
using Winnow.GpuWorker.Kernels.Weights;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// The part of a shard that one device has: all of it, or, of several devices that share it, a rank. Launches what is between two exchanges; whoever
/// drives the ranks adds up what they leave in <see cref="Sums"/>.
/// </summary>
internal sealed class DeviceRank : IDisposable
{
    // Partial results of attention, one for each row and split of 256 positions. Passes that need more share fewer splits.
    private const int Partials = 4096;

    /// <summary>Passes that may be started before the first of them is finished.</summary>
    public const int PassesUnderWay = 2;

    private readonly ShardSpec _spec;
    private readonly DeviceWeights _weights;
    private readonly DeviceKernels _kernels;
    private readonly bool _shared;
    private readonly DeviceScratch _scratch;
    private readonly DeviceKv _kv;
    private readonly LayerKv[] _layerKv;
    private readonly PassBuffers[] _passes;
    private readonly Staging<float> _rows;
    private readonly Staging<float> _logits;
    private readonly HostTraffic _traffic = new();
    private readonly RankDraws? _draws;
    private readonly RopeStoreOp _ropeStore;
    private readonly AttentionOp _attention;
    private readonly KvCopyOp _copy;
    private readonly EmbedOp? _embed;
    private readonly DeviceExpertRun _experts;
    private PassMetadata _pass = null!;
    private PassBuffers _buffers = null!;
    private RowsView _hidden;
    private int _live;

    /// <summary>Takes over the weights.</summary>
    /// <param name="spec">The shard.</param>
    /// <param name="weights">The rank's weights.</param>
    /// <param name="kernels">Kernels of its device.</param>
    /// <param name="kvType">Stored form of keys and values.</param>
    /// <param name="part">Which part the rank has; other devices have the rest of every layer.</param>
    public DeviceRank(ShardSpec spec, DeviceWeights weights, DeviceKernels kernels, KvType kvType, RankPart part)
    {
        _spec = spec;
        _weights = weights;
        _kernels = kernels;
        _shared = part.Ranks > 1;
        Stream = kernels.Accelerator.DefaultStream;
        Accelerator accelerator = kernels.Accelerator;
        ModelConfiguration model = weights.Model;
        DeviceKvLayout layout = new(
            spec.LastLayer - spec.FirstLayer, model.KvHeads, model.HeadSize, spec.BlockTokens, spec.BlockCount, spec.ScratchTokens, kvType);
        _kv = new DeviceKv(accelerator, layout);
        _layerKv = [.. Enumerable.Range(0, layout.Layers).Select(_kv.Layer)];
        _ropeStore = new RopeStoreOp(accelerator, layout, model.Heads);
        _attention = new AttentionOp(accelerator, layout, model.Heads, Partials, variant: kernels.Variant);
        _copy = new KvCopyOp(accelerator, _kv);
        _scratch = new DeviceScratch(accelerator, model, Forms(weights));
        _embed = weights.Embedding is { } embedding ? new EmbedOp(accelerator, embedding.Form) : null;
        _experts = new DeviceExpertRun(kernels, model, _scratch);
        _passes = [.. Enumerable.Range(0, PassesUnderWay).Select(_ => new PassBuffers(accelerator, weights.Ropes, Stream, kernels.Copies, _traffic))];
        _rows = new Staging<float>(accelerator);
        _logits = new Staging<float>(accelerator, _traffic);
        _draws = weights.Head is { } head ? new RankDraws(kernels, part.Of(spec.VocabularySize).First, head.Outputs, spec.VocabularySize, _traffic) : null;
    }

    /// <summary>Where the rank's work is launched.</summary>
    public AcceleratorStream Stream { get; }

    /// <summary>Operations of the rank's device.</summary>
    public DeviceKernels Kernels => _kernels;

    /// <summary>Bytes of its weights.</summary>
    public long WeightBytes => _weights.Bytes;

    /// <summary>Bytes of its keys and values.</summary>
    public long KvBytes => _kv.Layout.Bytes;

    /// <summary>Which kernels attend, for people.</summary>
    public string AttentionKernels => _attention.Kernels;

    /// <summary>Counts what the rank sends to the host.</summary>
    public HostTraffic Traffic => _traffic;

    /// <summary>Draws from the rank's logits; only on the last shard.</summary>
    public RankDraws Draws => _draws!;

    /// <summary>Of several ranks: what the last product gave here. The sums of all ranks replace it before the rank goes on.</summary>
    public ArrayView<float> Sums { get; private set; }

    private ModelConfiguration Model => _weights.Model;

    /// <summary>What the passes of a shard need to know.</summary>
    public PassShape PassShape => new()
    {
        BlockTokens = _spec.BlockTokens,
        QueriesPerKvHead = Model.Heads / Model.KvHeads,
        Windows = [.. _weights.Layers.Select(layer => layer.Block.Attention.Window).Distinct()],
        Partials = Partials,
        QueriesTogether = _attention.QueriesTogether,
    };

    /// <summary>Starts a pass: uploads what is known of its rows, and embeds them or uploads their hidden states.</summary>
    /// <param name="pass">What is known.</param>
    /// <param name="turn">Which of the buffers it takes; the pass that had them is finished.</param>
    /// <param name="input">Hidden states, where the shard does not embed.</param>
    public void Start(PassMetadata pass, int turn, ReadOnlySpan<float> input)
    {
        _pass = pass;
        _buffers = _passes[turn];
        _live = pass.RowCount;
        _scratch.Reserve(_live);
        _hidden = _scratch.Hidden;
        _buffers.Send(pass, input, _hidden);
        if (_spec.HasEmbedding)
        {
            ArrayView<int> tokens = _buffers.Ints.SubView(pass.Tokens, _live);
            _embed!.Run(Stream, _weights.Embedding!, tokens, _live, Model.EmbeddingScale, _hidden);
        }
    }

    /// <summary>Runs a layer's attention to the product with its output projection.</summary>
    /// <param name="index">Which of the shard's layers.</param>
    /// <param name="onlyOutputs">Only rows that the sampler needs go past the stored keys and values.</param>
    /// <returns>Whether there are such rows.</returns>
    public bool StartAttention(int index, bool onlyOutputs)
    {
        DeviceLayer layer = _weights.Layers[index];
        DeviceScratch s = _scratch;
        _kernels.Prepare.Normed(Stream, s.Hidden, layer.AttentionNorm, Model.NormEpsilon, _live, default, s.Prepared, layer.AttentionInput);
        Project(layer);
        int queryWidth = Model.Heads * Model.HeadSize;
        int keyWidth = Model.KvHeads * Model.HeadSize;
        RowsView queries = Part(s.Projected, 0, queryWidth);
        _ropeStore.Run(
            Stream, _live, _buffers.Ints, queries, Part(s.Projected, queryWidth, keyWidth), Part(s.Projected, queryWidth + keyWidth, keyWidth),
            layer.HeadVectors, Model.NormEpsilon, _buffers.Angles(layer.Rope), layer.Block.Attention.Rope, _layerKv[index]);
        if (onlyOutputs && _pass.OutputCount == 0)
        {
            _hidden = s.Outputs;
            return false;
        }
        AttentionBlock block = layer.Block.Attention;
        _attention.Run(Stream, _live, _buffers.Ints, _pass.List(block.Window, onlyOutputs), block, queries, _layerKv[index], s.Attention);
        if (onlyOutputs)
        {
            _kernels.Gather.Run(Stream, s.Hidden, _buffers.Ints.SubView(_pass.OutputRows, _pass.OutputCount), s.Outputs);
            _hidden = s.Outputs;
            _live = _pass.OutputCount;
        }
        _kernels.Prepare.Plain(Stream, s.Attention, _live, s.Prepared, layer.Output.Form.Input(), layer.Output.Share);
        StartSum(layer.Output, layer.OutputBias, layer.AttentionPostNorm);
        return true;
    }

    /// <summary>Adds attention to the hidden states, and runs the feed-forward layer to the product with its down projection.</summary>
    public void StartFeedForward(int index)
    {
        DeviceLayer layer = _weights.Layers[index];
        FinishSum(layer.OutputBias, layer.AttentionPostNorm);
        DeviceScratch s = _scratch;
        if (layer.Dense is not { } dense)
        {
            Sums = _experts.Start(Stream, layer, _live, _hidden);
            return;
        }
        _kernels.Prepare.Normed(Stream, _hidden, layer.FeedForwardNorm, Model.NormEpsilon, _live, default, s.Prepared, dense.Input);
        bool gelu = layer.Block.FeedForward.Activation == Activation.GeluTanh;
        RowsView gate = Part(s.Gate, 0, dense.Down.Inputs);
        if (dense.GateUp.Length == 1)
        {
            ProductResult gated = gelu ? ProductResult.Gelu : ProductResult.Silu;
            _kernels.Products.Run(Stream, dense.GateUp[0], s.Prepared, _live, gate, gated, dense.GateUpBias[0]);
            _kernels.Prepare.Plain(Stream, gate, _live, s.Prepared, dense.Down.Form.Input(), dense.Down.Share);
        }
        else
        {
            RowsView up = Part(s.Up, 0, dense.Down.Inputs);
            _kernels.Products.Run(Stream, dense.GateUp[0], s.Prepared, _live, gate, ProductResult.Store, dense.GateUpBias[0]);
            _kernels.Products.Run(Stream, dense.GateUp[1], s.Prepared, _live, up, ProductResult.Store, dense.GateUpBias[1]);
            _kernels.Prepare.Gated(Stream, gate, up, gelu, _live, s.Prepared, dense.Down.Form.Input(), dense.Down.Share);
        }
        StartSum(dense.Down, dense.DownBias, layer.FeedForwardPostNorm);
    }

    /// <summary>Adds the feed-forward layer to the hidden states.</summary>
    public void FinishLayer(int index)
    {
        DeviceLayer layer = _weights.Layers[index];
        if (layer.Dense is { } dense)
        {
            FinishSum(dense.DownBias, layer.FeedForwardPostNorm);
        }
        else
        {
            _experts.Finish(Stream, layer, _live, _hidden);
        }
    }

    /// <summary>All layers of the pass are launched.</summary>
    /// <param name="fetched">Whether <see cref="Fetch"/> asks this rank for the hidden states.</param>
    public void EndPass(bool fetched) => _buffers.Keep(_hidden, fetched ? KeptRows(_pass) : 0);

    /// <summary>Waits for a pass.</summary>
    /// <param name="turn">Its buffers.</param>
    public void Wait(int turn) => _passes[turn].Wait();

    /// <summary>Waits for a pass and fetches the hidden states of the rows that went through the last layer.</summary>
    /// <param name="pass">What is known of its rows.</param>
    /// <param name="turn">Its buffers.</param>
    /// <param name="output">Gets all rows; zeros in those that went no further than keys and values.</param>
    public void Fetch(PassMetadata pass, int turn, Span<float> output)
    {
        int count = KeptRows(pass);
        int stride = RowsView.StrideOf(_spec.ModelSize);
        ReadOnlySpan<float> rows = _passes[turn].Fetch((long)count * stride);
        bool compact = count < pass.RowCount;
        if (compact)
        {
            output.Clear();
        }
        ReadOnlySpan<int> outputRows = pass.Data.Slice(pass.OutputRows, pass.OutputCount);
        for (int row = 0; row < count; row++)
        {
            int place = compact ? outputRows[row] : row;
            rows.Slice(row * stride, _spec.ModelSize).CopyTo(output[(place * _spec.ModelSize)..]);
        }
    }

    /// <summary>Starts the product with the rank's part of the head.</summary>
    /// <param name="hidden">Hidden states (T x C).</param>
    /// <param name="rows">T.</param>
    public void StartLogits(ReadOnlySpan<float> hidden, int rows)
    {
        _scratch.Reserve(rows);
        SendRows(hidden, rows, _scratch.Outputs);
        int width = _weights.Head!.Outputs;
        int stride = RowsView.StrideOf(width);
        _logits.Reserve((long)rows * stride);
        RunHead(_scratch.Outputs, rows, new RowsView(_logits.Device, width, stride));
        _logits.Fetch(Stream, _logits.Device.SubView(0, (long)rows * stride));
    }

    /// <summary>Starts the product of rows of the last pass with the rank's part of the head, and draws from it.</summary>
    /// <param name="first">First of the rows, among those that the sampler needs.</param>
    /// <param name="layout">How the rows lie.</param>
    /// <param name="draws">What is asked.</param>
    public void StartDraws(int first, DrawLayout layout, LogitDraws draws)
    {
        Draws.Send(Stream, layout, draws);
        long start = (long)first * _hidden.Stride;
        RowsView outputs = new(_hidden.Values.SubView(start, _hidden.Values.Length - start), _hidden.Width, _hidden.Stride);
        RunHead(outputs, layout.Rows, Draws.Logits);
        Draws.Start(Stream);
    }

    /// <summary>Waits for the rank's logits and puts them where they belong.</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="first">The rank's first token.</param>
    /// <param name="logits">All logits (T x V).</param>
    /// <returns>The first token after the rank's.</returns>
    public int FetchLogits(int rows, int first, Span<float> logits)
    {
        int count = _weights.Head!.Outputs;
        int stride = RowsView.StrideOf(count);
        Stream.Synchronize();
        for (int row = 0; row < rows; row++)
        {
            _logits.Host.Slice(row * stride, count).CopyTo(logits[((row * _spec.VocabularySize) + first)..]);
        }
        return first + count;
    }

    /// <summary>Copies a block of keys and values.</summary>
    public void CopyBlock(int source, int destination) => _copy.CopyBlock(Stream, source, destination);

    /// <summary>Copies a row of keys and values.</summary>
    public void CopyRow(int sourceSlot, int destinationSlot) => _copy.CopyRow(Stream, sourceSlot, destinationSlot);

    /// <inheritdoc/>
    public void Dispose()
    {
        Stream.Synchronize();
        _attention.Dispose();
        _kernels.Copies.Synchronize();
        Array.ForEach(_passes, pass => pass.Dispose());
        _rows.Dispose();
        _logits.Dispose();
        _draws?.Dispose();
        _experts.Dispose();
        _scratch.Dispose();
        _kv.Dispose();
        _weights.Dispose();
    }

    private void RunHead(in RowsView hidden, int rows, in RowsView logits)
    {
        WeightBuffer head = _weights.Head!;
        _kernels.Prepare.Normed(Stream, hidden, _weights.FinalNorm, Model.NormEpsilon, rows, default, _scratch.Prepared, head.Form.Input());
        _kernels.Products.Run(Stream, head, _scratch.Prepared, rows, logits, ProductResult.Store, _weights.HeadBias);
        _kernels.LogitFinish.Run(Stream, rows, logits, ArrayView<float>.Empty, Model.LogitSoftCap);
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

    // At the model's end only rows that the sampler needs went through the last layer.
    private int KeptRows(PassMetadata pass) => _spec.HasHead ? pass.OutputCount : pass.RowCount;

    private void Project(DeviceLayer layer)
    {
        int first = 0;
        foreach (WeightBuffer matrix in layer.Projections)
        {
            _kernels.Products.Run(Stream, matrix, _scratch.Prepared, _live, Part(_scratch.Projected, first, matrix.Outputs));
            first += matrix.Outputs;
        }
    }

    // What a part of a layer gives is added to the hidden states, normed once more where the model says so. Of several ranks each has a part of
    // the sums, and the rest is for FinishSum.
    private void StartSum(WeightBuffer matrix, ArrayView<float> bias, ArrayView<float> norm)
    {
        if (_shared)
        {
            _kernels.Products.Run(Stream, matrix, _scratch.Prepared, _live, _scratch.Result);
            Sums = _scratch.Result.Values.SubView(0, (long)_live * _scratch.Result.Stride);
        }
        else if (norm.Length == 0)
        {
            _kernels.Products.Run(Stream, matrix, _scratch.Prepared, _live, _hidden, ProductResult.Add, bias);
        }
        else
        {
            _kernels.Products.Run(Stream, matrix, _scratch.Prepared, _live, _scratch.Result, ProductResult.Store, bias);
            _kernels.Join.Run(Stream, _scratch.Result, _hidden, _live, default, norm, Model.NormEpsilon);
        }
    }

    private void FinishSum(ArrayView<float> bias, ArrayView<float> norm)
    {
        if (_shared)
        {
            _kernels.Join.Run(Stream, _scratch.Result, _hidden, _live, bias, norm, Model.NormEpsilon);
        }
    }

    private static RowsView Part(in RowsView rows, int first, int width) => new(rows.Values.SubView(first, rows.Values.Length - first), width, rows.Stride);

    private void SendRows(ReadOnlySpan<float> source, int rows, in RowsView destination)
    {
        int stride = destination.Stride;
        _rows.Reserve((long)rows * stride);
        for (int row = 0; row < rows; row++)
        {
            source.Slice(row * _spec.ModelSize, _spec.ModelSize).CopyTo(_rows.Host[(row * stride)..]);
        }
        _rows.Send(Stream, rows * stride);
        destination.Values.SubView(0, rows * stride).CopyFrom(Stream, _rows.Device.SubView(0, rows * stride));
    }
}
