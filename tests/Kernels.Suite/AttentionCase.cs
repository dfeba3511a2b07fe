using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>
/// A KV cache with attention over it. Tokens are numbers; queries, keys and values of a token at a position are random vectors that follow from both, so that
/// the same tokens give the same vectors wherever they lie and in whatever pass they come.
/// </summary>
internal sealed class AttentionCase : IDisposable
{
    private readonly AttentionSetup _setup;
    private readonly Accelerator _accelerator;
    private readonly DeviceKvLayout _layout;
    private readonly DeviceKv _kv;
    private readonly RopeStoreOp _store;
    private readonly AttentionOp _attend;
    private readonly PassMetadata _pass;
    private readonly AttentionBlock _block;

    public AttentionCase(Accelerator accelerator, AttentionSetup setup)
    {
        _setup = setup;
        _accelerator = accelerator;
        _layout = new DeviceKvLayout(2, setup.KvHeads, setup.HeadSize, setup.BlockTokens, setup.Blocks, setup.Scratch, setup.Type);
        _kv = new DeviceKv(accelerator, _layout);
        _store = new RopeStoreOp(accelerator, _layout, setup.Heads);
        _attend = new AttentionOp(accelerator, _layout, setup.Heads, setup.Partials, setup.Threads, setup.Variant);
        _pass = new PassMetadata(new PassShape
        {
            BlockTokens = setup.BlockTokens,
            QueriesPerKvHead = setup.Heads / setup.KvHeads,
            Windows = [7777, setup.Window],
            Partials = setup.Partials,
            QueriesTogether = _attend.QueriesTogether,
        });
        // Two elements that are turned by nothing.
        RopeBlock rope = new() { Style = RopeStyle.Halves, Dimensions = 2, Base = 1, OriginalContextTokens = 1 };
        _block = new AttentionBlock { Scale = setup.Scale, SoftCap = setup.SoftCap, Window = setup.Window, Rope = rope };
    }

    /// <summary>The vector of a token at a position: what (0 query, 1 key, 2 value), and the width.</summary>
    public Func<int, int, int, int, float[]> Vector { get; init; } = RandomVector;

    /// <summary>Scratch rows begin here.</summary>
    public int FirstScratch => _setup.Blocks * _setup.BlockTokens;

    private int QueryWidth => _setup.Heads * _setup.HeadSize;

    private int KeyWidth => _setup.KvHeads * _setup.HeadSize;

    /// <summary>Adds rows of a chain after <paramref name="done"/> tokens of a sequence.</summary>
    public void AddChain(ForwardBatch batch, int[] blocks, int[] tokens, int done, int end)
    {
        ForwardSequence sequence = batch.Add(end - done);
        sequence.BaseLength = done;
        sequence.SetBlocks(blocks);
        sequence.FirstOutputRow = 0;
        for (int row = 0; row < end - done; row++)
        {
            int position = done + row;
            sequence.Tokens[row] = tokens[position];
            sequence.Parents[row] = row - 1;
            sequence.Depths[row] = row;
            sequence.KvSlots[row] = (blocks[position / _setup.BlockTokens] * _setup.BlockTokens) + (position % _setup.BlockTokens);
        }
    }

    /// <summary>Stores tokens 0 to <paramref name="end"/> - 1 of a sequence without attention.</summary>
    public void Fill(int[] blocks, int[] tokens, int end)
    {
        if (end > 0)
        {
            ForwardBatch batch = new();
            AddChain(batch, blocks, tokens, 0, end);
            Go(batch, attend: false, onlyOutputs: false);
        }
    }

    /// <summary>Stores the rows' keys and values and attends.</summary>
    /// <returns>Results, H x D of every row.</returns>
    public float[][] Run(ForwardBatch batch, bool onlyOutputs = false) => Go(batch, attend: true, onlyOutputs);

    /// <summary>The result for the last token of a path, by doubles from the stored keys and values.</summary>
    public double[] Expected(int[] path)
    {
        int last = path.Length - 1;
        int first = _setup.Window == 0 ? 0 : Math.Max(0, last - _setup.Window + 1);
        float[] query = Vector(path[last], last, 0, QueryWidth);
        double[] result = new double[QueryWidth];
        for (int head = 0; head < _setup.Heads; head++)
        {
            int kvHead = head / (_setup.Heads / _setup.KvHeads) * _setup.HeadSize;
            double[] weights = new double[path.Length];
            for (int p = first; p <= last; p++)
            {
                float[] key = KvReference.Stored(_setup.Type, Vector(path[p], p, 1, KeyWidth).AsSpan(kvHead, _setup.HeadSize));
                double score = 0;
                for (int d = 0; d < _setup.HeadSize; d++)
                {
                    score += (double)query[(head * _setup.HeadSize) + d] * key[d];
                }
                score *= _setup.Scale;
                weights[p] = Math.Exp(_setup.SoftCap == 0 ? score : _setup.SoftCap * Math.Tanh(score / _setup.SoftCap));
            }
            double total = weights.Sum();
            for (int p = first; p <= last; p++)
            {
                float[] value = KvReference.Stored(_setup.Type, Vector(path[p], p, 2, KeyWidth).AsSpan(kvHead, _setup.HeadSize));
                for (int d = 0; d < _setup.HeadSize; d++)
                {
                    result[(head * _setup.HeadSize) + d] += weights[p] / total * value[d];
                }
            }
        }
        return result;
    }

    public void Dispose()
    {
        _kv.Dispose();
        _attend.Dispose();
    }

    private float[][] Go(ForwardBatch batch, bool attend, bool onlyOutputs)
    {
        _pass.Build(batch);
        int rows = batch.RowCount;
        float[] angles = new float[rows * 2];
        for (int row = 0; row < rows; row++)
        {
            angles[2 * row] = 1;
        }
        using MemoryBuffer1D<int, Stride1D.Dense> pass = _accelerator.Allocate1D(_pass.Data.ToArray());
        using MemoryBuffer1D<float, Stride1D.Dense> turns = _accelerator.Allocate1D(angles);
        using MemoryBuffer1D<float, Stride1D.Dense> queries = _accelerator.Allocate1D(Rows(0, QueryWidth));
        using MemoryBuffer1D<float, Stride1D.Dense> keys = _accelerator.Allocate1D(Rows(1, KeyWidth));
        using MemoryBuffer1D<float, Stride1D.Dense> values = _accelerator.Allocate1D(Rows(2, KeyWidth));
        AcceleratorStream stream = _accelerator.DefaultStream;
        RowsView q = new(queries.View, QueryWidth, RowsView.StrideOf(QueryWidth));
        RowsView k = new(keys.View, KeyWidth, RowsView.StrideOf(KeyWidth));
        RowsView v = new(values.View, KeyWidth, RowsView.StrideOf(KeyWidth));
        _store.Run(stream, rows, pass.View, q, k, v, default, 0, turns.View, _block.Rope, _kv.Layer(1));
        if (!attend)
        {
            stream.Synchronize();
            return [];
        }
        AttentionList list = _pass.List(_setup.Window, onlyOutputs);
        using MemoryBuffer1D<float, Stride1D.Dense> output = _accelerator.Allocate1D<float>(Math.Max(1, list.Rows * q.Stride));
        _attend.Run(stream, rows, pass.View, list, _block, q, _kv.Layer(1), new RowsView(output.View, QueryWidth, q.Stride));
        stream.Synchronize();
        float[] all = new float[output.Length];
        output.View.BaseView.CopyToCPU(stream, all);
        stream.Synchronize();
        return [.. Enumerable.Range(0, list.Rows).Select(row => all.AsSpan(row * q.Stride, QueryWidth).ToArray())];

        float[] Rows(int what, int width)
        {
            ReadOnlySpan<int> data = _pass.Data;
            float[] result = new float[rows * RowsView.StrideOf(width)];
            for (int row = 0; row < rows; row++)
            {
                int at = row * PassMetadata.RowInts;
                Vector(data[_pass.Tokens + row], data[at + PassMetadata.RowPosition], what, width)
                    .CopyTo(result.AsSpan(row * RowsView.StrideOf(width)));
            }
            return result;
        }
    }

    private static float[] RandomVector(int token, int position, int what, int width)
    {
        Random random = new((((token * 1009) + position) * 3) + what);
        float[] vector = new float[width];
        for (int i = 0; i < width; i++)
        {
            vector[i] = (float)((random.NextDouble() * 4) - 2);
        }
        return vector;
    }
}
