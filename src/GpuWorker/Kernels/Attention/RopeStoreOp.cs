using ILGPU;
using ILGPU.Runtime;
using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.GpuWorker.Kernels.Attention;

/// <summary>Biases, head norms, rotation, and keys and values into the cache; see <see cref="RopeStoreKernels"/>.</summary>
internal sealed class RopeStoreOp
{
    private readonly DeviceKvLayout _layout;
    private readonly int _heads;
    private readonly int _threads;
    private readonly Action<AcceleratorStream, KernelConfig, RopeStoreArguments> _run;

    /// <summary>Loads the kernel of the cache's form.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="layout">The cache's layout.</param>
    /// <param name="heads">H: query heads, a multiple of the KV heads.</param>
    public RopeStoreOp(Accelerator accelerator, DeviceKvLayout layout, int heads)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        AttentionOp.RequireHeads(layout, heads);
        _layout = layout;
        _heads = heads;
        _threads = GroupSize.Of(accelerator, 32);
        _run = layout.Type switch
        {
            KvType.F32 => accelerator.LoadKernel<RopeStoreArguments>(RopeStoreKernels.Run<FloatKv>),
            KvType.Q8_0 => accelerator.LoadKernel<RopeStoreArguments>(RopeStoreKernels.Run<ByteKv>),
            KvType.Q4_0 => accelerator.LoadKernel<RopeStoreArguments>(RopeStoreKernels.Run<NibbleKv>),
            _ => accelerator.LoadKernel<RopeStoreArguments>(RopeStoreKernels.Run<HalfKv>),
        };
    }

    /// <summary>Rotates queries in place and stores keys and values.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="rows">T: rows, as many as the pass has.</param>
    /// <param name="pass">The uploaded <see cref="PassMetadata.Data"/>.</param>
    /// <param name="queries">Queries (T x H x D); rotated in place.</param>
    /// <param name="keys">Keys (T x G x D).</param>
    /// <param name="values">Values (T x G x D).</param>
    /// <param name="weights">The layer's biases and norms.</param>
    /// <param name="epsilon">Added to the mean square in head norms.</param>
    /// <param name="angles">Cosines, then sines of every row, without gaps (<see cref="RopeAngles"/>).</param>
    /// <param name="rope">The layer's rotation: style and dimensions.</param>
    /// <param name="kv">The layer's cache.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream,
        int rows,
        ArrayView<int> pass,
        in RowsView queries,
        in RowsView keys,
        in RowsView values,
        in RopeStoreWeights weights,
        float epsilon,
        ArrayView<float> angles,
        RopeBlock rope,
        in LayerKv kv)
    {
        Require(rows, pass, queries, keys, values, kv);
        Require(weights);
        if (angles.Length < (long)rows * rope.Dimensions || rope.Dimensions > _layout.HeadSize || rope.Dimensions % 2 != 0)
        {
            throw new ArgumentException(
                $"There are '{angles.Length}' angles to rotate '{rope.Dimensions}' elements of heads of '{_layout.HeadSize}' in '{rows}' rows; expected rows times elements, at most the head size.",
                nameof(angles));
        }
        if (rows == 0)
        {
            return;
        }
        RopeStoreArguments arguments = new()
        {
            Queries = queries.Values,
            Keys = keys.Values,
            Values = values.Values,
            QueryBias = OrAny(weights.QueryBias, angles),
            KeyBias = OrAny(weights.KeyBias, angles),
            ValueBias = OrAny(weights.ValueBias, angles),
            QueryNorm = OrAny(weights.QueryNorm, angles),
            KeyNorm = OrAny(weights.KeyNorm, angles),
            Angles = angles,
            Pass = pass,
            Kv = kv,
            QueryStride = queries.Stride,
            KeyStride = keys.Stride,
            ValueStride = values.Stride,
            AngleStride = rope.Dimensions,
            Heads = _heads,
            KvHeads = _layout.KvHeads,
            HeadSize = _layout.HeadSize,
            Pairs = rope.Dimensions / 2,
            Interleaved = rope.Style == RopeStyle.Interleaved ? 1 : 0,
            Biases = Bit(weights.QueryBias, RopeStoreKernels.QueryBit) | Bit(weights.KeyBias, RopeStoreKernels.KeyBit)
                | Bit(weights.ValueBias, RopeStoreKernels.ValueBit),
            Norms = Bit(weights.QueryNorm, RopeStoreKernels.QueryBit) | Bit(weights.KeyNorm, RopeStoreKernels.KeyBit),
            Epsilon = epsilon,
            Zero = 0,
        };
        _run(stream, new KernelConfig(checked(rows * (_heads + (2 * _layout.KvHeads))), _threads), arguments);
    }

    private void Require(int rows, ArrayView<int> pass, in RowsView queries, in RowsView keys, in RowsView values, in LayerKv kv)
    {
        queries.Require(rows, _heads * _layout.HeadSize, "queries");
        keys.Require(rows, _layout.KvHeads * _layout.HeadSize, "keys");
        values.Require(rows, _layout.KvHeads * _layout.HeadSize, "values");
        AttentionOp.RequirePass(pass, rows, kv, _layout);
    }

    private void Require(in RopeStoreWeights weights)
    {
        RequireVector(weights.QueryBias, _heads * _layout.HeadSize, "query bias");
        RequireVector(weights.KeyBias, _layout.KvHeads * _layout.HeadSize, "key bias");
        RequireVector(weights.ValueBias, _layout.KvHeads * _layout.HeadSize, "value bias");
        RequireVector(weights.QueryNorm, _layout.HeadSize, "query norm");
        RequireVector(weights.KeyNorm, _layout.HeadSize, "key norm");
    }

    private static int Bit(ArrayView<float> vector, int bit) => vector.Length > 0 ? bit : 0;

    // A view that is not read must still be one of the device.
    private static ArrayView<float> OrAny(ArrayView<float> vector, ArrayView<float> other) => vector.Length > 0 ? vector : other;

    private static void RequireVector(ArrayView<float> vector, int width, string what)
    {
        if (vector.Length > 0 && vector.Length < width)
        {
            throw new ArgumentException($"The {what} has '{vector.Length}' floats; expected '{width}', or none.", what);
        }
    }
}
