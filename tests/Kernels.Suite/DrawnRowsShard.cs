using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Devices;
using Winnow.GpuWorker.Kernels;
using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>The same, drawn from on a device, or on several that have a part of the vocabulary each: everything of a device's shard but the model.</summary>
internal sealed class DrawnRowsShard : RowsShard, IDrawingShard
{
    private readonly DeviceKernels _kernels;
    private readonly RankDraws[] _ranks;
    private readonly RankPart[] _parts;
    private readonly HostTraffic _traffic = new();
    private readonly DrawLayout _layout = new();
    private float[] _outputs = [];

    public DrawnRowsShard(Accelerator accelerator, int ranks, FakeShard inner, Action<Span<float>> shape)
        : base(inner, shape)
    {
        _kernels = new DeviceKernels(accelerator);
        _parts = [.. Enumerable.Range(0, ranks).Select(rank => new RankPart(rank, ranks))];
        _ranks = [.. _parts.Select(part => part.Of(Spec.VocabularySize)).Select(part => new RankDraws(_kernels, part.First, part.Count, Spec.VocabularySize, _traffic))];
    }

    public long HostBytes => _traffic.Bytes;

    /// <summary>Rows that the engine wanted to see itself.</summary>
    public int RowsRead { get; private set; }

    public void ForwardToDraw(ForwardBatch batch, ReadOnlySpan<float> input, CancellationToken cancellation)
    {
        float[] output = new float[batch.RowCount * Spec.ModelSize];
        Forward(batch, input, output, cancellation);
        List<float> needed = [];
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            int first = (batch[i].FirstRow + batch[i].FirstOutputRow) * Spec.ModelSize;
            needed.AddRange(output[first..((batch[i].FirstRow + batch[i].RowCount) * Spec.ModelSize)]);
        }
        _outputs = [.. needed];
    }

    public void Draw(int first, LogitDraws draws)
    {
        AcceleratorStream stream = _kernels.Accelerator.DefaultStream;
        float[] logits = new float[draws.Count * Spec.VocabularySize];
        ComputeLogits(_outputs.AsSpan(first * Spec.ModelSize, draws.Count * Spec.ModelSize), draws.Count, logits);
        _layout.Build(draws.Asks);
        foreach ((RankDraws rank, RankPart part) in _ranks.Zip(_parts))
        {
            rank.Send(stream, _layout, draws);
            (int start, int count) = part.Of(Spec.VocabularySize);
            RowsView view = rank.Logits;
            for (int row = 0; row < draws.Count; row++)
            {
                view.Values.SubView(row * view.Stride, count).CopyFromCPU(stream, logits.AsSpan((row * Spec.VocabularySize) + start, count));
            }
            rank.Start(stream);
        }
        stream.Synchronize();
        DrawJoin.Run(_ranks, _layout, draws);
    }

    public void ReadLogits(int row, Span<float> logits)
    {
        RowsRead++;
        foreach (RankDraws rank in _ranks)
        {
            rank.Read(_kernels.Accelerator.DefaultStream, row, logits);
        }
    }

    protected override void Dispose(bool disposing)
    {
        Array.ForEach(_ranks, rank => rank.Dispose());
        _kernels.Dispose();
        base.Dispose(disposing);
    }
}
