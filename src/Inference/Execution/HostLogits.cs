using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Execution;

/// <summary>Logits at the host, all of every row: those of shards that have no other memory.</summary>
/// <param name="shard">The last shard.</param>
internal sealed class HostLogits(IShard shard) : IStepLogits
{
    private readonly int _width = shard.Spec.ModelSize;
    private readonly int _vocabulary = shard.Spec.VocabularySize;
    private CandidateList? _candidates;
    private float[] _outputs = [];
    private float[] _logits = [];

    /// <inheritdoc/>
    public void Take(in LogitGroup group, ReadOnlySpan<float> hidden)
    {
        Span<float> outputs = Room(ref _outputs, group.RowCount * _width);
        int rows = 0;
        for (int i = group.First; i < group.End; i++)
        {
            ForwardSequence sequence = group.Batch[i];
            int count = sequence.RowCount - sequence.FirstOutputRow;
            hidden.Slice((sequence.FirstRow + sequence.FirstOutputRow) * _width, count * _width).CopyTo(outputs[(rows * _width)..]);
            rows += count;
        }
        if (rows > 0)
        {
            shard.ComputeLogits(outputs, rows, Room(ref _logits, rows * _vocabulary));
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<float> Row(int row) => _logits.AsSpan(row * _vocabulary, _vocabulary);

    /// <inheritdoc/>
    public bool TryDraw(int row, SamplingPlan plan, int generationIndex, out int token)
    {
        token = -1;
        return false;
    }

    /// <inheritdoc/>
    public void FindLikeliest(int row, Span<int> ids)
    {
        _candidates ??= new CandidateList(_vocabulary);
        _candidates.TakeLargest(Row(row), ids.Length).CopyTo(ids);
    }

    private static Span<float> Room(ref float[] buffer, int size)
    {
        if (buffer.Length < size)
        {
            buffer = new float[Math.Max(size, 2 * buffer.Length)];
        }
        return buffer.AsSpan(0, size);
    }
}
