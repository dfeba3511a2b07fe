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

    /// <summary>Norm before the feed-forward layer.</summary>
    FeedForwardNorm,

    /// <summary>silu(gate) * up.</summary>
    Activate,

    /// <summary>Norm before the head.</summary>
    FinalNorm,
}

/// <summary>Runs one stage over the rows of a pass.</summary>
internal sealed unsafe class RowWork(ForwardState state, WorkerPool pool) : IRangeWork
{
    private const int LeastRows = 4;
    private RowStage _stage;

    /// <summary>Does a stage for all rows.</summary>
    public void Go(RowStage stage, int rows)
    {
        _stage = stage;
        pool.For(this, rows, LeastRows);
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int row = start; row < end; row++)
        {
            switch (_stage)
            {
                case RowStage.AttentionNorm:
                    Norm(row, state.LayerWeights.AttentionNorm, state.LayerWeights.Query.InputForm | state.LayerWeights.Key.InputForm | state.LayerWeights.Value.InputForm);
                    break;
                case RowStage.RotateAndStore:
                    RotateAndStore(row, worker);
                    break;
                case RowStage.AttentionResult:
                    WeightMatrix projection = state.LayerWeights.Output;
                    Quantize(state.Scratch.Attention + ((long)row * state.Scratch.QueryStride), projection.Columns, row, projection.InputForm);
                    break;
                case RowStage.FeedForwardNorm:
                    Norm(row, state.LayerWeights.FeedForwardNorm, state.LayerWeights.Gate.InputForm | state.LayerWeights.Up.InputForm);
                    break;
                case RowStage.Activate:
                    Activate(row);
                    break;
                default:
                    Norm(row, state.Weights.FinalNorm, state.Weights.Head!.InputForm);
                    break;
            }
        }
    }

    private void Norm(int row, float* weight, InputForms forms)
    {
        ShardScratch scratch = state.Scratch;
        float* normed = scratch.Normed + ((long)row * scratch.WidthStride);
        int width = state.Model.ModelSize;
        state.Kernels.RmsNorm(scratch.Hidden + ((long)row * scratch.WidthStride), weight, width, state.Model.NormEpsilon, normed);
        Quantize(normed, width, row, forms);
    }

    private void Quantize(float* values, int width, int row, InputForms forms)
    {
        if (forms != InputForms.None)
        {
            state.Kernels.Quantize(values, new QuantizedRows(state.Scratch.Quantized, state.Scratch.Capacity, width), row, forms);
        }
    }

    private void Activate(int row)
    {
        ShardScratch scratch = state.Scratch;
        long offset = (long)row * scratch.FeedForwardStride;
        state.Kernels.SiluMultiply(scratch.Gate + offset, scratch.Up + offset, state.Model.FeedForwardSize);
        Quantize(scratch.Gate + offset, state.Model.FeedForwardSize, row, state.LayerWeights.Down.InputForm);
    }

    private void RotateAndStore(int row, int worker)
    {
        ShardScratch scratch = state.Scratch;
        CpuLayer layer = state.LayerWeights;
        float* query = scratch.Query + ((long)row * scratch.QueryStride);
        float* key = scratch.Key + ((long)row * scratch.KeyStride);
        float* value = scratch.Value + ((long)row * scratch.KeyStride);
        float* angles = scratch.Angles + ((long)row * scratch.AngleStride);
        Prepare(query, state.Model.Heads, layer.QueryBias, layer.QueryNorm, angles);
        Prepare(key, state.Model.KvHeads, layer.KeyBias, layer.KeyNorm, angles);
        int width = state.Model.KvHeads * state.Model.HeadSize;
        AddBias(value, layer.ValueBias, width);
        if (state.Kv.Shape.Type == Cache.KvType.F32)
        {
            state.Kv.Write(state.Layer, state.Slots[row], (byte*)key, (byte*)value);
            return;
        }
        ushort* converted = scratch.Converted(worker);
        state.Kernels.ToHalf(key, converted, width);
        state.Kernels.ToHalf(value, converted + scratch.KeyStride, width);
        state.Kv.Write(state.Layer, state.Slots[row], (byte*)converted, (byte*)(converted + scratch.KeyStride));
    }

    private void Prepare(float* heads, int count, float* bias, float* norm, float* angles)
    {
        int size = state.Model.HeadSize;
        AddBias(heads, bias, count * size);
        for (int head = 0; head < count; head++, heads += size)
        {
            if (norm is not null)
            {
                state.Kernels.RmsNorm(heads, norm, size, state.Model.NormEpsilon, heads);
            }
            state.Weights.Rope.Rotate(heads, angles, state.Model.RopeStyle);
        }
    }

    private static void AddBias(float* values, float* bias, int count)
    {
        for (int i = 0; bias is not null && i < count; i++)
        {
            values[i] += bias[i];
        }
    }
}
