using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>
/// Cuts the attention of a pass into work entries: a few rows that read keys at the same places, and the splits of 256 positions that one group
/// reads for them. A sequence of few rows is cut by splits, whose partial results are joined afterwards; of many rows every group walks over all
/// its splits. Both give the same bits.
/// </summary>
internal sealed class AttentionCut(PassShape shape)
{
    // From so many rows on a sequence has groups enough without cutting its context.
    private const int MostSplitRows = 64;
    private const int Split = AttentionKernels.SplitTokens;

    private readonly IntBuffer _joins = new();
    private int _partials;
    private int _window;
    private int _mostRows;

    /// <summary>Cuts all sequences.</summary>
    /// <param name="batch">The pass.</param>
    /// <param name="data">Has the rows; gets work and joins.</param>
    /// <param name="window">The layers' window; 0 for none.</param>
    /// <param name="onlyOutputs">Only rows that the sampler needs.</param>
    public AttentionList Run(ForwardBatch batch, IntBuffer data, int window, bool onlyOutputs)
    {
        _joins.Clear();
        _partials = 0;
        _window = window;
        _mostRows = 0;
        int work = data.Count;
        int destination = 0;
        for (int i = 0; i < batch.SequenceCount; i++)
        {
            ForwardSequence sequence = batch[i];
            int skipped = onlyOutputs ? sequence.FirstOutputRow : 0;
            int rows = sequence.RowCount - skipped;
            if (rows > 0)
            {
                Cut(data, sequence.FirstRow + skipped, rows, destination);
            }
            destination += rows;
        }
        int joins = data.Count;
        data.Append(_joins.Span);
        return new AttentionList(
            window,
            destination,
            work,
            (joins - work) / AttentionKernels.WorkInts,
            joins,
            _joins.Count / AttentionKernels.JoinInts,
            _partials,
            _mostRows);
    }

    private void Cut(IntBuffer data, int firstRow, int rows, int destination)
    {
        int low = int.MaxValue;
        int high = 0;
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            low = Math.Min(low, StartOf(data, row) / Split);
            high = Math.Max(high, Position(data, row) / Split);
        }
        int splits = high - low + 1;
        if (splits > 1 && rows <= MostSplitRows && _partials + ((long)rows * splits) <= shape.Partials)
        {
            CutSplits(data, firstRow, rows, destination, low, high);
            return;
        }
        for (int row = firstRow; row < firstRow + rows;)
        {
            int count = Together(data, row, firstRow + rows, samePath: true);
            (int start, int end) = Reach(data, row, count);
            data.Append(row, count, start / Split, ((end - 1) / Split) - (start / Split) + 1, destination + row - firstRow, 0, 0, 0);
            row += count;
        }
    }

    private void CutSplits(IntBuffer data, int firstRow, int rows, int destination, int low, int high)
    {
        int splits = high - low + 1;
        int first = _partials;
        _partials += rows * splits;
        int shared = data.Span[(firstRow * PassMetadata.RowInts) + PassMetadata.RowBase] / Split;
        for (int split = low; split <= high; split++)
        {
            for (int row = firstRow; row < firstRow + rows;)
            {
                int count = Together(data, row, firstRow + rows, samePath: split >= shared);
                (int start, int end) = Reach(data, row, count);
                if (split >= start / Split && split * Split < end)
                {
                    int partial = first + ((row - firstRow) * splits) - low;
                    data.Append(row, count, split, 1, destination + row - firstRow, partial, splits, 1);
                }
                row += count;
            }
        }
        for (int row = firstRow; row < firstRow + rows; row++)
        {
            int start = StartOf(data, row) / Split;
            int count = (Position(data, row) / Split) - start + 1;
            _joins.Append(destination + row - firstRow, first + ((row - firstRow) * splits) + start - low, count, 0);
        }
    }

    // Rows from one on whose keys a group may read together.
    private int Together(IntBuffer data, int row, int end, bool samePath)
    {
        ReadOnlySpan<int> rows = data.Span;
        int path = rows[(row * PassMetadata.RowInts) + PassMetadata.RowPath];
        int count = 1;
        while (count < shape.RowsTogether
            && row + count < end
            && (!samePath || rows[((row + count) * PassMetadata.RowInts) + PassMetadata.RowPath] == path))
        {
            count++;
        }
        _mostRows = Math.Max(_mostRows, count);
        return count;
    }

    // The positions that any of some rows reads.
    private (int Start, int End) Reach(IntBuffer data, int row, int count)
    {
        int start = int.MaxValue;
        int end = 0;
        for (int i = row; i < row + count; i++)
        {
            start = Math.Min(start, StartOf(data, i));
            end = Math.Max(end, Position(data, i) + 1);
        }
        return (start, end);
    }

    private int StartOf(IntBuffer data, int row) => _window == 0 ? 0 : Math.Max(0, Position(data, row) - _window + 1);

    private static int Position(IntBuffer data, int row) => data.Span[(row * PassMetadata.RowInts) + PassMetadata.RowPosition];
}
