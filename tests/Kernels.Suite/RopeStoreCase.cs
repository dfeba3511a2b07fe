using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels;
using Winnow.GpuWorker.Kernels.Attention;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Kernels.Suite;

/// <summary>Rows of queries, keys and values at given positions, and what becomes of them.</summary>
internal sealed class RopeStoreCase(Accelerator accelerator, AttentionSetup setup, RopeBlock rope) : IDisposable
{
    public const int Positions = 4096;
    public const float Epsilon = 1e-5f;

    private readonly DeviceKvLayout _layout = new(2, setup.KvHeads, setup.HeadSize, 16, 4, 9, setup.Type);
    private readonly RopeAngles _angles = new(rope, Positions, []);
    private DeviceKv? _kv;

    public int QueryWidth => setup.Heads * setup.HeadSize;

    public int KeyWidth => setup.KvHeads * setup.HeadSize;

    /// <summary>Biases, and norms, or none.</summary>
    public float[]? QueryBias { get; init; }

    public float[]? KeyBias { get; init; }

    public float[]? ValueBias { get; init; }

    public float[]? QueryNorm { get; init; }

    public float[]? KeyNorm { get; init; }

    /// <summary>Runs rows in one launch; row i goes to slot <c>slots[i]</c>.</summary>
    /// <returns>Rotated queries.</returns>
    public float[][] Run(int[] positions, int[] slots, float[][] queries, float[][] keys, float[][] values)
    {
        _kv ??= new DeviceKv(accelerator, _layout);
        int rows = positions.Length;
        ForwardBatch batch = new();
        for (int row = 0; row < rows; row++)
        {
            ForwardSequence sequence = batch.Add(1);
            sequence.BaseLength = positions[row];
            sequence.Parents[0] = -1;
            sequence.Depths[0] = 0;
            sequence.Tokens[0] = 0;
            sequence.KvSlots[0] = slots[row];
            sequence.SetBlocks([0]);
        }
        PassMetadata metadata = new(new PassShape { BlockTokens = 16, QueriesPerKvHead = 1, QueriesTogether = 8, Windows = [], Partials = 0 });
        metadata.Build(batch);
        float[] angles = new float[rows * _angles.RowFloats];
        _angles.Write(metadata, angles);
        using MemoryBuffer1D<int, Stride1D.Dense> pass = accelerator.Allocate1D(metadata.Data.ToArray());
        using MemoryBuffer1D<float, Stride1D.Dense> turns = accelerator.Allocate1D(angles);
        using MemoryBuffer1D<float, Stride1D.Dense> q = accelerator.Allocate1D(Flat(queries));
        using MemoryBuffer1D<float, Stride1D.Dense> k = accelerator.Allocate1D(Flat(keys));
        using MemoryBuffer1D<float, Stride1D.Dense> v = accelerator.Allocate1D(Flat(values));
        using MemoryBuffer1D<float, Stride1D.Dense> vectors = accelerator.Allocate1D<float>(3 * (QueryWidth + KeyWidth));
        AcceleratorStream stream = accelerator.DefaultStream;
        int used = 0;
        RopeStoreWeights weights = new()
        {
            QueryBias = Vector(QueryBias),
            KeyBias = Vector(KeyBias),
            ValueBias = Vector(ValueBias),
            QueryNorm = Vector(QueryNorm),
            KeyNorm = Vector(KeyNorm),
        };
        new RopeStoreOp(accelerator, _layout, setup.Heads).Run(
            stream, rows, pass.View, View(q, QueryWidth), View(k, KeyWidth), View(v, KeyWidth), weights, Epsilon, turns.View, rope, _kv.Layer(1));
        stream.Synchronize();
        float[] all = new float[q.Length];
        q.View.BaseView.CopyToCPU(stream, all);
        stream.Synchronize();
        return [.. Enumerable.Range(0, rows).Select(row => all.AsSpan(row * RowsView.StrideOf(QueryWidth), QueryWidth).ToArray())];

        ArrayView<float> Vector(float[]? vector)
        {
            if (vector is null)
            {
                return ArrayView<float>.Empty;
            }
            ArrayView<float> view = vectors.View.BaseView.SubView(used, vector.Length);
            view.CopyFromCPU(stream, vector);
            used += vector.Length;
            return view;
        }
    }

    /// <summary>A stored key, padding included.</summary>
    public float[] Key(int slot, int head) => KvReference.OnDevice(accelerator.DefaultStream, _layout, _kv!.Layer(1), keys: true, slot, head);

    /// <summary>A stored value, padding included.</summary>
    public float[] Value(int slot, int head) => KvReference.OnDevice(accelerator.DefaultStream, _layout, _kv!.Layer(1), keys: false, slot, head);

    public void Dispose() => _kv?.Dispose();

    private static RowsView View(MemoryBuffer1D<float, Stride1D.Dense> buffer, int width) => new(buffer.View, width, RowsView.StrideOf(width));

    private static float[] Flat(float[][] rows)
    {
        int stride = RowsView.StrideOf(rows[0].Length);
        float[] flat = new float[rows.Length * stride];
        for (int row = 0; row < rows.Length; row++)
        {
            rows[row].CopyTo(flat, row * stride);
        }
        return flat;
    }
}
