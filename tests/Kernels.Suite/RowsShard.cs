using Winnow.Inference.Graph;
using Winnow.Tests.Common;

namespace Winnow.Kernels.Suite;

/// <summary>A shard without a model whose logits are of a shape that a test wants: ties, negative infinity, one likely token.</summary>
internal class RowsShard(FakeShard inner, Action<Span<float>> shape) : IShard
{
    public ShardSpec Spec => inner.Spec;

    public string Numerics => inner.Numerics;

    public long WeightBytes => 0;

    public long KvBytes => inner.KvBytes;

    public void Forward(ForwardBatch batch, ReadOnlySpan<float> input, Span<float> output, CancellationToken cancellation) =>
        inner.Forward(batch, input, output, cancellation);

    public void ComputeLogits(ReadOnlySpan<float> hidden, int rows, Span<float> logits)
    {
        inner.ComputeLogits(hidden, rows, logits);
        for (int row = 0; row < rows; row++)
        {
            shape(logits.Slice(row * Spec.VocabularySize, Spec.VocabularySize));
        }
    }

    public void CopyBlock(int source, int destination) => inner.CopyBlock(source, destination);

    public void CopyRow(int sourceSlot, int destinationSlot) => inner.CopyRow(sourceSlot, destinationSlot);

    public void Dispose() => Dispose(disposing: true);

    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            GC.SuppressFinalize(this);
        }
    }
}
