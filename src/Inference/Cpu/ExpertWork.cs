using Winnow.Inference.Graph;
using Winnow.Inference.Sampling;

namespace Winnow.Inference.Cpu;

/// <summary>
/// The experts of a layer: every row is routed by itself, then the rows of one expert are computed together. A row's result depends on the row
/// alone: products do not depend on what they are grouped with, and a row's experts are summed from the best on.
/// </summary>
internal sealed unsafe class ExpertWork(ForwardState state, MatMulWork products, WorkerPool pool) : IRangeWork
{
    private const int LeastRows = 4;
    private const long PieceSlack = 256;

    // llama.cpp's smallest sum of chosen probabilities: the smallest normal half.
    private const double LeastSum = 6.103515625e-5;

    private Stage _stage;
    private int[] _chosen = [];
    private float[] _weights = [];
    private int[] _places = [];
    private int[] _sources = [];
    private int[] _experts = [];
    private int[] _starts = [];

    private enum Stage
    {
        Route,
        Gather,
        Activate,
        Combine,
    }

    private CpuExperts Layer => state.LayerWeights.Experts!;

    /// <summary>Memory for quantised rows of experts, each expert's in a piece of its own.</summary>
    public static long QuantizedBytes(int rows, int columns, int experts) => QuantizedRows.BytesFor(rows, columns) + (experts * PieceSlack);

    /// <summary>Computes from the normed hidden states; what all experts give, weighed and summed, replaces them.</summary>
    public void Go(int rows)
    {
        ShardScratch scratch = state.Scratch;
        Reserve(rows);
        products.Start(state.Input(scratch.Normed, scratch.WidthStride, state.Model.ModelSize), rows)
            .With(Layer.Router, scratch.Router, scratch.RouterStride)
            .Go(OperationKind.Router);
        Do(Stage.Route, rows);
        Group(rows);
        Do(Stage.Gather, rows * Layer.Used);
        Multiply(scratch.ExpertRows, scratch.WidthStride, state.Model.ModelSize, intoGate: true);
        Do(Stage.Activate, rows * Layer.Used);
        Multiply(scratch.Gate, scratch.FeedForwardStride, state.LayerWeights.Block.FeedForward.Size, intoGate: false);
        Do(Stage.Combine, rows);
    }

    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int i = start; i < end; i++)
        {
            switch (_stage)
            {
                case Stage.Route:
                    Route(i);
                    break;
                case Stage.Gather:
                    Gather(i);
                    break;
                case Stage.Activate:
                    Activate(i);
                    break;
                default:
                    Combine(i);
                    break;
            }
        }
    }

    private void Do(Stage stage, int count)
    {
        _stage = stage;
        pool.Profile?.Begin();
        pool.For(this, count, LeastRows);
        pool.Profile?.End(new Operation(stage == Stage.Activate ? OperationKind.Activation : OperationKind.Experts, null, count));
    }

    private void Reserve(int rows)
    {
        int results = rows * Layer.Used;
        if (_chosen.Length < results)
        {
            results = state.Scratch.Capacity * state.Scratch.FeedForwardsPerRow;
            _chosen = new int[results];
            _weights = new float[results];
            _places = new int[results];
            _sources = new int[results];
            _experts = new int[results];
        }
        if (_starts.Length <= Layer.All.Length)
        {
            _starts = new int[Layer.All.Length + 1];
        }
    }

    // The best experts of a row, best first, lower index first among equals; then their shares.
    private void Route(int row)
    {
        int count = Layer.All.Length;
        float* scores = state.Scratch.Router + ((long)row * state.Scratch.RouterStride);
        Span<int> chosen = _chosen.AsSpan(row * Layer.Used, Layer.Used);
        for (int expert = 0, found = 0; expert < count; expert++)
        {
            int at = found;
            while (at > 0 && scores[expert] > scores[chosen[at - 1]])
            {
                at--;
            }
            if (at < chosen.Length)
            {
                found = Math.Min(found + 1, chosen.Length);
                chosen[at..(found - 1)].CopyTo(chosen[(at + 1)..]);
                chosen[at] = expert;
            }
        }
        double all = 0;
        for (int expert = 0; expert < count; expert++)
        {
            all += PortableMath.Exp((double)scores[expert] - scores[chosen[0]]);
        }
        double sum = 0;
        foreach (int expert in chosen)
        {
            sum += PortableMath.Exp((double)scores[expert] - scores[chosen[0]]) / all;
        }
        sum = sum < LeastSum ? LeastSum : sum;
        for (int i = 0; i < chosen.Length; i++)
        {
            _weights[(row * Layer.Used) + i] = (float)(PortableMath.Exp((double)scores[chosen[i]] - scores[chosen[0]]) / all / sum);
        }
    }

    // Gives every result a place among those of its expert, in order of rows.
    private void Group(int rows)
    {
        int results = rows * Layer.Used;
        Span<int> starts = _starts.AsSpan(0, Layer.All.Length + 1);
        starts.Clear();
        for (int i = 0; i < results; i++)
        {
            starts[_chosen[i] + 1]++;
        }
        for (int expert = 1; expert < starts.Length; expert++)
        {
            starts[expert] += starts[expert - 1];
        }
        for (int i = 0; i < results; i++)
        {
            int place = starts[_chosen[i]]++;
            _places[i] = place;
            _sources[place] = i / Layer.Used;
            _experts[place] = _chosen[i];
        }
        for (int expert = starts.Length - 1; expert > 0; expert--)
        {
            starts[expert] = starts[expert - 1];
        }
        starts[0] = 0;
    }

    private void Gather(int place)
    {
        ShardScratch scratch = state.Scratch;
        float* source = scratch.Normed + ((long)_sources[place] * scratch.WidthStride);
        float* destination = scratch.ExpertRows + ((long)place * scratch.WidthStride);
        new Span<float>(source, scratch.WidthStride).CopyTo(new Span<float>(destination, scratch.WidthStride));
        CpuFeedForward expert = Layer.All[_experts[place]];
        Quantize(expert.InputForms, destination, place, state.Model.ModelSize);
    }

    private void Activate(int place)
    {
        ShardScratch scratch = state.Scratch;
        FeedForwardBlock block = state.LayerWeights.Block.FeedForward;
        float* gate = scratch.Gate + ((long)place * scratch.FeedForwardStride);
        state.Kernels.Gate(block.Activation, gate, scratch.Up + ((long)place * scratch.FeedForwardStride), block.Size);
        Quantize(Layer.All[_experts[place]].Down.InputForm, gate, place, block.Size);
    }

    private void Combine(int row)
    {
        ShardScratch scratch = state.Scratch;
        float* result = scratch.Normed + ((long)row * scratch.WidthStride);
        for (int i = 0; i < Layer.Used; i++)
        {
            int index = (row * Layer.Used) + i;
            float weight = _weights[index];
            float* term = scratch.ExpertRows + ((long)_places[index] * scratch.WidthStride);
            for (int c = 0; c < state.Model.ModelSize; c++)
            {
                float weighed = weight * term[c];
                result[c] = i == 0 ? weighed : result[c] + weighed;
            }
        }
    }

    private void Multiply(float* rows, int stride, int columns, bool intoGate)
    {
        ShardScratch scratch = state.Scratch;
        products.Start();
        for (int expert = 0; expert < Layer.All.Length; expert++)
        {
            int first = _starts[expert];
            int count = _starts[expert + 1] - first;
            if (count == 0)
            {
                continue;
            }
            CpuFeedForward layer = Layer.All[expert];
            QuantizedRows quantized = columns % WeightMatrix.BlockElements == 0 ? Piece(expert, columns) : default;
            ActivationRows input = new((IntPtr)(rows + ((long)first * stride)), stride, quantized);
            if (intoGate)
            {
                products.With(layer.Gate, input, count, Output(scratch.Gate, scratch.FeedForwardStride, first));
                products.With(layer.Up, input, count, Output(scratch.Up, scratch.FeedForwardStride, first));
            }
            else
            {
                products.With(layer.Down, input, count, Output(scratch.ExpertRows, scratch.WidthStride, first));
            }
        }
        products.Go(intoGate ? OperationKind.GateUp : OperationKind.Down);
    }

    private static OutputRows Output(float* rows, int stride, int first) => new((IntPtr)(rows + ((long)first * stride)), stride, Add: false);

    private void Quantize(InputForms forms, float* source, int place, int columns)
    {
        if (forms != InputForms.None)
        {
            int expert = _experts[place];
            state.Kernels.Quantize(source, Piece(expert, columns), place - _starts[expert], forms);
        }
    }

    // Pieces follow each other in order of experts, 64-byte aligned.
    private QuantizedRows Piece(int expert, int columns)
    {
        long offset = (QuantizedRows.BytesFor(_starts[expert], columns) + 63 + (expert * PieceSlack)) & ~63L;
        return new QuantizedRows(state.Scratch.Quantized + offset, _starts[expert + 1] - _starts[expert], columns);
    }
}
