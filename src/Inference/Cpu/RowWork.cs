using Winnow.Inference.Cache;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>What happens to every row by itself between two products.</summary>
internal enum RowStage
{
    /// <summary>Norm before attention.</summary>
    AttentionNorm,

    /// <summary>Biases, head norms and rotation of queries and keys; keys and values into the cache.</summary>
    RotateAndStore,

    /// <summary>Attention results made ready for the output projection.</summary>
    AttentionResult,

    /// <summary>Attention's result joined to the hidden state where the product has not done it; norm before the feed-forward layer.</summary>
    FeedForwardNorm,

    /// <summary>activation(gate) * up.</summary>
    Activate,

    /// <summary>The feed-forward layer's result joined to the hidden state where the product has not done it.</summary>
    FeedForwardJoin,

    /// <summary>Norm before the head.</summary>
    FinalNorm,
}

/// <summary>Runs one stage over the rows of a pass.</summary>
internal sealed unsafe class RowWork(ForwardState state, WorkerPool pool) : IRangeWork
{
    private const int LeastRows = 4;
    private const int Lane = 16;
    private RowStage _stage;

    /// <summary>Does a stage for all rows.</summary>
    public void Go(RowStage stage, int rows)
    {
        _stage = stage;
        pool.Profile?.Begin();
        pool.For(this, rows, LeastRows);
        pool.Profile?.End(new Operation(Kind(stage), null, rows));
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int row = start; row < end; row++)
        {
            switch (_stage)
            {
                case RowStage.AttentionNorm:
                    Norm(row, state.LayerWeights.AttentionNorm, state.LayerWeights.AttentionInput);
                    break;
                case RowStage.RotateAndStore:
                    RotateAndStore(row, worker);
                    break;
                case RowStage.AttentionResult:
                    WeightMatrix projection = state.LayerWeights.Output;
                    Quantize(state.Scratch.Attention + ((long)row * state.Scratch.QueryStride), projection.Columns, row, projection.InputForm);
                    break;
                case RowStage.FeedForwardNorm:
                    PrepareFeedForward(row);
                    break;
                case RowStage.Activate:
                    Activate(row, state.LayerWeights.Dense!);
                    break;
                case RowStage.FeedForwardJoin:
                    Join(row, state.LayerWeights.Dense is { } dense ? dense.DownBias : null, state.LayerWeights.FeedForwardPostNorm);
                    break;
                default:
                    Norm(row, state.Weights.FinalNorm, state.Weights.Head!.InputForm);
                    break;
            }
        }
    }

    private static OperationKind Kind(RowStage stage) => stage switch
    {
        RowStage.RotateAndStore => OperationKind.RotateAndStore,
        RowStage.AttentionResult => OperationKind.AttentionResult,
        RowStage.Activate => OperationKind.Activation,
        _ => OperationKind.Norm,
    };

    private void Norm(int row, float* weight, InputForms forms)
    {
        ShardScratch scratch = state.Scratch;
        float* normed = scratch.Normed + ((long)row * scratch.WidthStride);
        int width = state.Model.ModelSize;
        state.Kernels.RmsNorm(scratch.Hidden + ((long)row * scratch.WidthStride), weight, width, state.Model.NormEpsilon, normed);
        Quantize(normed, width, row, forms);
    }

    private void PrepareFeedForward(int row)
    {
        CpuLayer layer = state.LayerWeights;
        if (layer.JoinsAttention)
        {
            Join(row, layer.OutputBias, layer.AttentionPostNorm);
        }
        Norm(row, layer.FeedForwardNorm, layer.FeedForwardInput);
    }

    // What a part of the layer gave lies where its normed input was.
    private void Join(int row, float* bias, float* norm)
    {
        long offset = (long)row * state.Scratch.WidthStride;
        float* result = state.Scratch.Normed + offset;
        Add(result, bias, state.Model.ModelSize);
        if (norm is not null)
        {
            state.Kernels.RmsNorm(result, norm, state.Model.ModelSize, state.Model.NormEpsilon, result);
        }
        Add(state.Scratch.Hidden + offset, result, state.Model.ModelSize);
    }

    private void Quantize(float* values, int width, int row, InputForms forms)
    {
        if (forms != InputForms.None)
        {
            state.Kernels.Quantize(values, new QuantizedRows(state.Scratch.Quantized, state.Scratch.Capacity, width), row, forms);
        }
    }

    private void Activate(int row, CpuFeedForward layer)
    {
        ShardScratch scratch = state.Scratch;
        FeedForwardBlock block = state.LayerWeights.Block.FeedForward;
        float* gate = scratch.Gate + ((long)row * scratch.FeedForwardStride);
        float* up = scratch.Up + ((long)row * scratch.FeedForwardStride);
        Add(gate, layer.GateBias, block.Size);
        Add(up, layer.UpBias, block.Size);
        state.Kernels.Gate(block.Activation, gate, up, block.Size);
        Quantize(gate, block.Size, row, layer.Down.InputForm);
    }

    private void RotateAndStore(int row, int worker)
    {
        ShardScratch scratch = state.Scratch;
        CpuLayer layer = state.LayerWeights;
        float* query = scratch.Query + ((long)row * scratch.QueryStride);
        float* key = scratch.Key + ((long)row * scratch.KeyStride);
        float* value = scratch.Value + ((long)row * scratch.KeyStride);
        Prepare(query, state.Model.Heads, layer.QueryBias, layer.QueryNorm, row);
        Prepare(key, state.Model.KvHeads, layer.KeyBias, layer.KeyNorm, row);
        int width = state.Model.KvHeads * state.Model.HeadSize;
        Add(value, layer.ValueBias, width);
        if (state.Kv.Shape.Type == KvType.F32)
        {
            state.Kv.Write(state.Layer, state.Slots[row], (byte*)key, (byte*)value);
            return;
        }
        byte* keyRow = scratch.Converted(worker);
        byte* valueRow = keyRow + (scratch.ConvertedBytes / 2);
        Convert(key, keyRow, width);
        Convert(value, valueRow, width);
        state.Kv.Write(state.Layer, state.Slots[row], keyRow, valueRow);
    }

    private void Convert(float* heads, byte* row, int width)
    {
        KvShape shape = state.Kv.Shape;
        if (shape.Type == KvType.F16)
        {
            state.Kernels.ToHalf(heads, (ushort*)row, width);
            return;
        }
        for (int head = 0; head < shape.KvHeads; head++)
        {
            KvQuantizer.Run(shape.Type, heads + (head * shape.HeadSize), shape.HeadSize, row + (head * shape.Layout.RowBytes));
        }
    }

    private void Prepare(float* heads, int count, float* bias, float* norm, int row)
    {
        int size = state.Model.HeadSize;
        int rope = state.LayerWeights.Rope;
        float* angles = state.Scratch.AnglesOf(row, rope);
        Add(heads, bias, count * size);
        for (int head = 0; head < count; head++, heads += size)
        {
            if (norm is not null)
            {
                NormHead(heads, norm, size);
            }
            state.Weights.Ropes[rope].Rotate(heads, angles);
        }
    }

    // The kernel reads and writes whole lanes; a head that ends within one lies beside the next head.
    private void NormHead(float* head, float* norm, int size)
    {
        if (size % Lane == 0)
        {
            state.Kernels.RmsNorm(head, norm, size, state.Model.NormEpsilon, head);
            return;
        }
        float* padded = stackalloc float[(size + Lane - 1) / Lane * Lane];
        new Span<float>(padded + size, Lane - (size % Lane)).Clear();
        new Span<float>(head, size).CopyTo(new Span<float>(padded, size));
        state.Kernels.RmsNorm(padded, norm, size, state.Model.NormEpsilon, padded);
        new Span<float>(padded, size).CopyTo(new Span<float>(head, size));
    }

    /// <summary><c>values += terms</c>; nothing when there are no terms. Any count, not padded.</summary>
    public static void Add(float* values, float* terms, int count)
    {
        for (int i = 0; terms is not null && i < count; i++)
        {
            values[i] += terms[i];
        }
    }
}
