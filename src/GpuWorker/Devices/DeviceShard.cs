using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.GpuWorker.Devices;

/// <summary>
/// A range of layers on a device, or on several that share every layer: runs what the layers' blocks say (<see cref="LayerBlock"/>). A pass is one
/// upload of what is known of its rows, launches on one stream a device, and one download; hidden states stay on the devices between layers. Copies have
/// a stream of their own, so that those of one pass move while another computes. One thread drives all devices; they meet twice a layer
/// (<see cref="RankExchange"/>), and the bits are those of one device.
/// </summary>
internal sealed class DeviceShard : IDrawingShard
{
    private readonly DeviceRank[] _ranks;
    private readonly RankExchange? _exchange;
    private readonly PassMetadata[] _passes;
    private readonly string _device;
    private readonly int _layers;
    private readonly DrawLayout _layout = new();
    private readonly RankDraws[] _draws;
    private int _drawable;
    private bool _cutShort;
    private int _oldest;
    private int _underWay;
    private bool _disposed;

    /// <summary>Takes over the ranks.</summary>
    /// <param name="spec">The shard.</param>
    /// <param name="ranks">One, two or four.</param>
    /// <param name="direct">Whether several send to each other's memory, and not through the host.</param>
    /// <param name="numerics">What decides its bits.</param>
    /// <param name="device">The devices, for messages.</param>
    public DeviceShard(ShardSpec spec, DeviceRank[] ranks, bool direct, string numerics, string device)
    {
        Spec = spec;
        Numerics = numerics;
        _ranks = ranks;
        _exchange = ranks.Length > 1 ? new RankExchange(ranks, direct) : null;
        _passes = [.. Enumerable.Range(0, DeviceRank.PassesUnderWay).Select(_ => new PassMetadata(ranks[0].PassShape))];
        _device = device;
        _layers = spec.LastLayer - spec.FirstLayer;
        _draws = spec.HasHead ? [.. ranks.Select(rank => rank.Draws)] : [];
    }

    /// <inheritdoc/>
    public ShardSpec Spec { get; }

    /// <inheritdoc/>
    public string Numerics { get; }

    /// <inheritdoc/>
    public long WeightBytes => _ranks.Sum(rank => rank.WeightBytes);

    /// <inheritdoc/>
    public long KvBytes => _ranks.Sum(rank => rank.KvBytes);

    /// <summary>Which kernels attend, for people.</summary>
    public string AttentionKernels => _ranks[0].AttentionKernels;

    /// <inheritdoc/>
    public long HostBytes
    {
        get
        {
            long bytes = 0;
            foreach (DeviceRank rank in _ranks)
            {
                bytes += rank.Traffic.Bytes;
            }
            return bytes;
        }
    }

    /// <inheritdoc/>
    public bool PassesOverlap => Array.TrueForAll(_ranks, rank => rank.Kernels.CopiesOverlap);

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
    public void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ShardSpans.Require(output.Length, (long)batch.RowCount * Spec.ModelSize, "output");
        RequireIdle();
        StartForward(batch, input, cancellation);
        FinishForward(output);
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
    public void StartForward(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batch);
        ShardSpans.Require(input.Length, Spec.HasEmbedding ? 0 : (long)batch.RowCount * Spec.ModelSize, "input");
        BatchChecks.Check(batch, Spec);
        if (_underWay == _passes.Length)
        {
            throw new InvalidOperationException($"A pass was started while '{_underWay}' are under way; finish the oldest first.");
        }
        try
        {
            Start(batch, input, (_oldest + _underWay) % _passes.Length, fetched: true, cancellation);
            _underWay++;
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
    public void ForwardToDraw(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(batch);
        RequireHead();
        RequireIdle();
        ShardSpans.Require(input.Length, Spec.HasEmbedding ? 0 : (long)batch.RowCount * Spec.ModelSize, "input");
        BatchChecks.Check(batch, Spec);
        _drawable = 0;
        try
        {
            Start(batch, input, _oldest, fetched: false, cancellation);
            _drawable = _passes[_oldest].OutputCount;
            // Whoever draws waits; the next pass does where nobody came to.
            _cutShort = _drawable > 0;
            if (_drawable == 0)
            {
                WaitForAll();
            }
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    /// <exception cref="OutOfMemoryException">It has no memory left for so many rows.</exception>
    public void Draw(int first, LogitDraws draws)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(draws);
        if (first < 0 || draws.Count > _drawable - first)
        {
            throw new ArgumentException(
                $"Rows '{first}' to '{first + draws.Count - 1}' were to be drawn from; the last pass has '{_drawable}' that the sampler needs.", nameof(first));
        }
        try
        {
            _layout.Build(draws.Asks);
            foreach (DeviceRank rank in _ranks)
            {
                rank.StartDraws(first, _layout, draws);
            }
            WaitForAll();
            _cutShort = false;
            DrawJoin.Run(_draws, _layout, draws);
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    public void ReadLogits(int row, Span<float> logits)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, _layout.Rows);
        ShardSpans.Require(logits.Length, Spec.VocabularySize, "logits");
        try
        {
            foreach (DeviceRank rank in _ranks)
            {
                rank.Draws.Read(rank.Stream, row, logits);
            }
        }
        catch (Exception exception) when (DeviceFaults.Describe(exception, _device) is { } fault)
        {
            throw fault;
        }
    }

    /// <inheritdoc/>
    /// <exception cref="DeviceException">The device is lost.</exception>
    public void FinishForward(Span<float> output)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (_underWay == 0)
        {
            throw new InvalidOperationException("No pass is under way; start one first.");
        }
        PassMetadata pass = _passes[_oldest];
        ShardSpans.Require(output.Length, (long)pass.RowCount * Spec.ModelSize, "output");
        int turn = _oldest;
        _oldest = (turn + 1) % _passes.Length;
        _underWay--;
        try
        {
            Finish(pass, turn, output);
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
        RequireHead();
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        ShardSpans.Require(hidden.Length, (long)rows * Spec.ModelSize, "hidden");
        ShardSpans.Require(logits.Length, (long)rows * Spec.VocabularySize, "logits");
        if (rows == 0)
        {
            return;
        }
        try
        {
            RunHead(hidden, rows, logits);
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
        foreach (DeviceRank rank in _ranks)
        {
            rank.CopyBlock(source, destination);
        }
    }

    /// <inheritdoc/>
    public void CopyRow(int sourceSlot, int destinationSlot)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (DeviceRank rank in _ranks)
        {
            rank.CopyRow(sourceSlot, destinationSlot);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
        {
            return;
        }
        _disposed = true;
        _exchange?.Dispose();
        Array.ForEach(_ranks, rank => rank.Dispose());
    }

    private void RequireHead()
    {
        if (!Spec.HasHead)
        {
            throw new InvalidOperationException(
                $"Layers '{Spec.FirstLayer}' to '{Spec.LastLayer}' of '{Spec.ModelLayers}' have no head; ask the last shard for logits.");
        }
    }

    private void RequireIdle()
    {
        if (_underWay > 0)
        {
            throw new InvalidOperationException($"A whole pass was asked for while '{_underWay}' are under way; finish them first.");
        }
    }

    private void WaitForAll()
    {
        foreach (DeviceRank rank in _ranks)
        {
            rank.Stream.Synchronize();
        }
    }

    private void Start(ForwardBatch batch, ReadOnlySpan<float> input, int turn, bool fetched, CancellationToken cancellation)
    {
        if (_cutShort)
        {
            // Kernels of a cancelled pass may still read its buffers, for which nobody has waited.
            WaitForAll();
        }
        _cutShort = true;
        PassMetadata pass = _passes[turn];
        pass.Build(batch);
        if (pass.RowCount > 0)
        {
            foreach (DeviceRank rank in _ranks)
            {
                rank.Start(pass, turn, input);
            }
            for (int layer = 0; layer < _layers; layer++)
            {
                cancellation.ThrowIfCancellationRequested();
                bool last = Spec.HasHead && layer == _layers - 1;
                RunLayer(layer, last && pass.OutputCount < pass.RowCount);
            }
            foreach (DeviceRank rank in _ranks)
            {
                rank.EndPass(fetched && rank == _ranks[0]);
            }
        }
        _cutShort = false;
    }

    private void Finish(PassMetadata pass, int turn, Span<float> output)
    {
        if (pass.RowCount == 0)
        {
            return;
        }
        _ranks[0].Fetch(pass, turn, output);
        foreach (DeviceRank rank in _ranks.AsSpan(1))
        {
            rank.Wait(turn);
        }
    }

    // In the model's last layer only rows that the sampler needs go past the stored keys and values.
    private void RunLayer(int layer, bool onlyOutputs)
    {
        bool more = true;
        foreach (DeviceRank rank in _ranks)
        {
            more = rank.StartAttention(layer, onlyOutputs);
        }
        if (!more)
        {
            return;
        }
        _exchange?.AddUp();
        foreach (DeviceRank rank in _ranks)
        {
            rank.StartFeedForward(layer);
        }
        _exchange?.AddUp();
        foreach (DeviceRank rank in _ranks)
        {
            rank.FinishLayer(layer);
        }
    }

    private void RunHead(ReadOnlySpan<float> hidden, int rows, Span<float> logits)
    {
        foreach (DeviceRank rank in _ranks)
        {
            rank.StartLogits(hidden, rows);
        }
        int first = 0;
        foreach (DeviceRank rank in _ranks)
        {
            first = rank.FetchLogits(rows, first, logits);
        }
    }
}
