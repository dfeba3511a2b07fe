using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Activations;
using Winnow.GpuWorker.Kernels.Experts;
using Winnow.GpuWorker.Kernels.Weights;
using EightRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<
    Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>>>;
using FourRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<
    Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>>;
using Launch = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, Winnow.GpuWorker.Kernels.Products.ProductArguments>;
using TwoRows = Winnow.GpuWorker.Kernels.Products.TwiceRows<Winnow.GpuWorker.Kernels.Products.OneRow>;

namespace Winnow.GpuWorker.Kernels.Products;

/// <summary>
/// Products of prepared rows with matrices of every form: chooses the kernel by the number of rows; all of them give the same bits.
/// </summary>
internal sealed class MatMulOp : IDisposable
{
    /// <summary>From so many rows on, tiles are used.</summary>
    public const int ManyRowCount = 33;

    /// <summary>From so many results an expert on average, those of one expert are brought together and computed in tiles.</summary>
    public const int ManyResultsPerExpert = 4;

    private const int MostFewRows = 8;
    private readonly FormKernels?[] _forms = new FormKernels?[(int)WeightForm.F32 + 1];
    private readonly Accelerator _accelerator;
    private readonly ExpertGrouping _grouping;
    private readonly KernelVariant _variant;

    /// <summary>Makes the op; a form's kernels are loaded at <see cref="Load"/> or at its first product.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="variant">What the kernels are made of; the default for the best that the device has.</param>
    public MatMulOp(Accelerator accelerator, KernelVariant? variant = null)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _accelerator = accelerator;
        _variant = variant ?? KernelVariants.Of(accelerator.Device);
        _grouping = new ExpertGrouping(accelerator);
    }

    /// <summary>Loads the kernels of a form.</summary>
    public void Load(WeightForm form) =>
        _forms[(int)form] ??= _variant == KernelVariant.Portable ? Kernels<PortableMath>(form) : Kernels<CudaMath>(form);

    /// <summary>Multiplies rows with a matrix.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="weights">Matrix, N x K.</param>
    /// <param name="input">Rows of K elements, prepared in the form that the matrix reads (<see cref="WeightForms.Input"/>).</param>
    /// <param name="rows">Rows.</param>
    /// <param name="output">Rows of N results, or of N / 2 gated ones.</param>
    /// <param name="result">What becomes of the sums.</param>
    /// <param name="bias">Added to every row before that: N floats; the default for none.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(
        AcceleratorStream stream,
        WeightBuffer weights,
        ActivationBuffer input,
        int rows,
        in RowsView output,
        ProductResult result = ProductResult.Store,
        ArrayView<float> bias = default)
    {
        Require(weights, input, output, rows, rows, result, bias);
        ProductArguments arguments = Arguments(weights, input, rows, output, result, bias);
        FormKernels kernels = Loaded(weights.Form);
        if (rows >= ManyRowCount)
        {
            kernels.Many(stream, TileConfig(weights, Tiles(rows)), arguments);
            return;
        }
        if (rows > 0)
        {
            (int together, Launch few) = Few(weights.Form, kernels, rows);
            few(stream, FewConfig(weights, (rows + together - 1) / together), arguments);
        }
    }

    /// <summary>Multiplies rows with an expert's matrix each.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="weights">The experts' matrices.</param>
    /// <param name="input">Prepared rows.</param>
    /// <param name="experts">The expert of every result row; the kernel that wrote them keeps them below the number of experts.</param>
    /// <param name="resultsPerRow">Experts of an input row: result i is computed from input row i / this.</param>
    /// <param name="rows">Result rows.</param>
    /// <param name="output">Rows of N results, or of N / 2 gated ones.</param>
    /// <param name="result">What becomes of the sums.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void RunExperts(
        AcceleratorStream stream,
        WeightBuffer weights,
        ActivationBuffer input,
        ArrayView<int> experts,
        int resultsPerRow,
        int rows,
        in RowsView output,
        ProductResult result = ProductResult.Store)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resultsPerRow, 1);
        Require(weights, input, output, rows, (rows + resultsPerRow - 1) / resultsPerRow, result, default);
        if (experts.Length < rows)
        {
            throw new ArgumentException($"'{experts.Length}' experts are given for '{rows}' rows; expected one a row.", nameof(experts));
        }
        if (rows > 0)
        {
            ProductArguments arguments = Arguments(weights, input, rows, output, result, default);
            arguments.ResultsPerRow = resultsPerRow;
            FormKernels kernels = Loaded(weights.Form);
            if (rows < ManyResultsPerExpert * weights.Experts)
            {
                arguments.Experts = experts;
                kernels.Experts(stream, FewConfig(weights, rows), arguments);
                return;
            }
            _grouping.Run(stream, experts, rows, weights.Experts);
            arguments.Experts = _grouping.Order;
            arguments.Tiles = _grouping.Tiles;
            kernels.ManyExperts(stream, TileConfig(weights, ExpertGrouping.TilesFor(rows, weights.Experts)), arguments);
        }
    }

    /// <summary>Frees what is kept for experts.</summary>
    public void Dispose() => _grouping.Dispose();

    private FormKernels Kernels<TMath>(WeightForm form)
        where TMath : struct, IDeviceMath => form switch
        {
            WeightForm.Q4_0 => Integers<Q4Form, TMath>(_accelerator, UsesTensorCores(form)),
            WeightForm.Q8_0 => Integers<Q8Form, TMath>(_accelerator, UsesTensorCores(form)),
            WeightForm.Q4_K => Integers<Q4SuperForm, TMath>(_accelerator, UsesTensorCores(form)),
            WeightForm.Q6_K => Integers<Q6SuperForm, TMath>(_accelerator, UsesTensorCores(form)),
            WeightForm.F16 when UsesTensorCores(form) => TensorFloats<HalfForm>(_accelerator),
            WeightForm.BF16 when UsesTensorCores(form) => TensorFloats<BrainForm>(_accelerator),
            WeightForm.F16 => Floats<HalfForm, TMath>(_accelerator),
            WeightForm.BF16 => Floats<BrainForm, TMath>(_accelerator),
            _ => Floats<FloatForm, TMath>(_accelerator),
        };

    private FormKernels Loaded(WeightForm form)
    {
        Load(form);
        return _forms[(int)form]!;
    }

    private static int Tiles(int count) => (count + ManyRows.Tile - 1) / ManyRows.Tile;

    private KernelConfig TileConfig(WeightBuffer weights, int tiles)
    {
        int outputs = UsesTensorCores(weights.Form) ? TensorRows.Outputs : ManyRows.Tile;
        return new(new Index2D((weights.Outputs + outputs - 1) / outputs, tiles), new Index2D(ManyRows.Threads, 1));
    }

    private bool UsesTensorCores(WeightForm form) => _variant == KernelVariant.Tensor && form != WeightForm.F32;

    // Halves and brain floats go through tensor cores with every number of rows, so that a row has the same bits.
    private bool IsTensorFloats(WeightForm form) => UsesTensorCores(form) && !form.IsInteger();

    private (int Rows, Launch Kernel) Few(WeightForm form, FormKernels kernels, int rows)
    {
        if (IsTensorFloats(form))
        {
            return (TensorFewFloats.Rows, kernels.Few[0]);
        }
        int together = Math.Min(MostFewRows, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
        return (together, kernels.Few[System.Numerics.BitOperations.Log2((uint)together)]);
    }

    private KernelConfig FewConfig(WeightBuffer weights, int rowGroups)
    {
        if (IsTensorFloats(weights.Form))
        {
            int groups = (weights.Outputs + TensorFewFloats.Outputs - 1) / TensorFewFloats.Outputs;
            return new KernelConfig(new Index2D(rowGroups, groups), new Index2D(TensorFewFloats.Threads, 1));
        }
        int outputs = FewRows.Threads / weights.Layout.Chains * FewRows.LaneOutputs;
        return new KernelConfig(new Index2D(rowGroups, (weights.Outputs + outputs - 1) / outputs), new Index2D(FewRows.Threads, 1));
    }

    private static void Require(
        WeightBuffer weights, ActivationBuffer input, in RowsView output, int rows, int inputRows, ProductResult result, ArrayView<float> bias)
    {
        ArgumentNullException.ThrowIfNull(weights);
        ArgumentNullException.ThrowIfNull(input);
        bool gated = result is ProductResult.Silu or ProductResult.Gelu;
        if (gated && weights.Outputs % 2 != 0)
        {
            throw new ArgumentException(
                $"A matrix of '{weights.Outputs}' outputs has no pairs of gate and up; expected an even number.", nameof(weights));
        }
        output.Require(rows, gated ? weights.Outputs / 2 : weights.Outputs, "output");
        input.Require(inputRows, weights.Inputs, weights.Form.Input());
        if (bias.Length > 0 && bias.Length < weights.Outputs)
        {
            throw new ArgumentException($"The bias has '{bias.Length}' floats; expected '{weights.Outputs}'.", nameof(bias));
        }
    }

    private static ProductArguments Arguments(
        WeightBuffer weights, ActivationBuffer input, int rows, in RowsView output, ProductResult result, ArrayView<float> bias)
    {
        ActivationForms form = weights.Form.Input();
        ActivationViews views = input.Views;
        return new ProductArguments
        {
            Weights = weights.Views,
            Input = form switch
            {
                ActivationForms.Blocks => views.BlockCodes,
                ActivationForms.SuperBlocks => views.SuperCodes,
                _ => views.Floats.Cast<Quad>(),
            },
            InputScales = form switch
            {
                ActivationForms.Blocks => views.BlockScales,
                ActivationForms.SuperBlocks => views.SuperScales,
                _ => views.FloatScales,
            },
            InputSums = views.SuperSums.SubView(0, views.SuperSums.Length / 8 * 8).Cast<Quad>(),
            Bias = bias.Length > 0 ? bias : ArrayView<float>.Empty,
            Experts = ArrayView<int>.Empty,
            Tiles = ArrayView<Quad>.Empty,
            ResultsPerRow = 1,
            Output = output.Values,
            Rows = rows,
            Outputs = weights.Outputs,
            Layout = weights.Layout,
            OutputStride = output.Stride,
            Result = (int)result,
        };
    }

    private static FormKernels Integers<TForm, TMath>(Accelerator accelerator, bool tensor)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath => new(
            [
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewIntegers<TForm, TMath, OneRow>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewIntegers<TForm, TMath, TwoRows>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewIntegers<TForm, TMath, FourRows>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewIntegers<TForm, TMath, EightRows>),
            ],
            Many<TForm, TMath, NeighbourRows>(accelerator, tensor),
            accelerator.LoadKernel<ProductArguments>(ProductKernels.ExpertIntegers<TForm, TMath>),
            Many<TForm, TMath, ExpertRows>(accelerator, tensor));

    private static Launch Many<TForm, TMath, TRows>(Accelerator accelerator, bool tensor)
        where TForm : struct, IIntegerForm
        where TMath : struct, IDeviceMath
        where TRows : struct, ITileRows => accelerator.LoadKernel<ProductArguments>(
            !tensor ? ProductKernels.ManyIntegers<TForm, TMath, TRows>
            : TForm.HasScales ? ProductKernels.TensorSuperBlocks<TForm, TRows>
            : ProductKernels.TensorBlocks<TForm, TRows>);

    private static FormKernels Floats<TForm, TMath>(Accelerator accelerator)
        where TForm : struct, IFloatForm
        where TMath : struct, IDeviceMath => new(
            [
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewFloats<TForm, TMath, OneRow>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewFloats<TForm, TMath, TwoRows>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewFloats<TForm, TMath, FourRows>),
                accelerator.LoadKernel<ProductArguments>(ProductKernels.FewFloats<TForm, TMath, EightRows>),
            ],
            accelerator.LoadKernel<ProductArguments>(ProductKernels.ManyFloats<TForm, TMath, NeighbourRows>),
            accelerator.LoadKernel<ProductArguments>(ProductKernels.ExpertFloats<TForm, TMath>),
            accelerator.LoadKernel<ProductArguments>(ProductKernels.ManyFloats<TForm, TMath, ExpertRows>));

    private static FormKernels TensorFloats<TForm>(Accelerator accelerator)
        where TForm : struct, ITensorFloatForm => new(
            [accelerator.LoadKernel<ProductArguments>(ProductKernels.TensorFewFloats<TForm>)],
            accelerator.LoadKernel<ProductArguments>(ProductKernels.TensorManyFloats<TForm, NeighbourRows>),
            accelerator.LoadKernel<ProductArguments>(ProductKernels.TensorExpertFloats<TForm>),
            accelerator.LoadKernel<ProductArguments>(ProductKernels.TensorManyFloats<TForm, ExpertRows>));

    private sealed record FormKernels(Launch[] Few, Launch Many, Launch Experts, Launch ManyExperts);
}
