using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.GpuWorker.Kernels.Activations;

/// <summary>Prepares rows for products; see <see cref="PrepareRows"/>.</summary>
internal sealed class PrepareOp
{
    private readonly Action<AcceleratorStream, KernelConfig, PrepareArguments> _plain;
    private readonly Action<AcceleratorStream, KernelConfig, PrepareArguments> _normed;
    private readonly Action<AcceleratorStream, KernelConfig, PrepareArguments> _gated;

    /// <summary>Loads the kernels.</summary>
    public PrepareOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _plain = accelerator.LoadKernel<PrepareArguments>(PrepareRows.Plain);
        _normed = accelerator.LoadKernel<PrepareArguments>(PrepareRows.Normed);
        _gated = accelerator.LoadKernel<PrepareArguments>(PrepareRows.Gated);
    }

    /// <summary>Prepares rows as they are.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="input">Rows.</param>
    /// <param name="count">Rows to prepare.</param>
    /// <param name="prepared">Where they go.</param>
    /// <param name="forms">In which forms.</param>
    /// <param name="share">Which inputs of a matrix they are; the default for all.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Plain(
        AcceleratorStream stream, in RowsView input, int count, ActivationBuffer prepared, ActivationForms forms, InputShare share = default)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        if (count > 0)
        {
            _plain(stream, new KernelConfig(count, RowThreads.For(input.Width)), Arguments(input, default, count, prepared, forms, share));
        }
    }

    /// <summary>Norms rows and prepares the result.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="input">Rows.</param>
    /// <param name="weight">The norm's weights: as many as the rows are wide, padded to a multiple of 4.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="count">Rows to norm.</param>
    /// <param name="normed">Where the normed floats go; the default for nowhere. Not the input.</param>
    /// <param name="prepared">Where prepared rows go.</param>
    /// <param name="forms">In which forms.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Normed(
        AcceleratorStream stream,
        in RowsView input,
        ArrayView<float> weight,
        float epsilon,
        int count,
        in RowsView normed,
        ActivationBuffer prepared,
        ActivationForms forms)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        Norm(stream, input, weight, epsilon, count, normed, prepared, forms);
    }

    /// <summary>Norms rows; nothing is prepared.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="input">Rows.</param>
    /// <param name="weight">The norm's weights: as many as the rows are wide, padded to a multiple of 4.</param>
    /// <param name="epsilon">Added to the mean square.</param>
    /// <param name="count">Rows to norm.</param>
    /// <param name="normed">Where the normed floats go; may be the input.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Norm(AcceleratorStream stream, in RowsView input, ArrayView<float> weight, float epsilon, int count, in RowsView normed) =>
        Norm(stream, input, weight, epsilon, count, normed, null, ActivationForms.None);

    /// <summary>Prepares activation(gate) * up.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="gate">The gate's rows.</param>
    /// <param name="up">Up's rows.</param>
    /// <param name="gelu">GELU in place of SiLU.</param>
    /// <param name="count">Rows to compute.</param>
    /// <param name="prepared">Where prepared rows go.</param>
    /// <param name="forms">In which forms.</param>
    /// <param name="share">Which inputs of a matrix they are; the default for all.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Gated(
        AcceleratorStream stream,
        in RowsView gate,
        in RowsView up,
        bool gelu,
        int count,
        ActivationBuffer prepared,
        ActivationForms forms,
        InputShare share = default)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        up.Require(count, gate.Width, "up");
        if (count > 0)
        {
            PrepareArguments arguments = Arguments(gate, default, count, prepared, forms, share);
            arguments.Second = up.Quads;
            arguments.SecondStride = up.Stride / 4;
            arguments.Gelu = gelu ? 1 : 0;
            _gated(stream, new KernelConfig(count, RowThreads.For(gate.Width)), arguments);
        }
    }

    private void Norm(
        AcceleratorStream stream,
        in RowsView input,
        ArrayView<float> weight,
        float epsilon,
        int count,
        in RowsView normed,
        ActivationBuffer? prepared,
        ActivationForms forms)
    {
        ArrayView<FloatQuad> weights = RowsView.Vector(weight, input.Width, "norm");
        if (weights.Length == 0)
        {
            throw new ArgumentException($"The norm of rows of '{input.Width}' has no weights; expected as many.", nameof(weight));
        }
        if (count > 0)
        {
            PrepareArguments arguments = Arguments(input, normed, count, prepared, forms, default);
            arguments.Second = weights;
            arguments.Epsilon = epsilon;
            _normed(stream, new KernelConfig(count, RowThreads.For(input.Width)), arguments);
        }
    }

    private static PrepareArguments Arguments(
        in RowsView input, in RowsView output, int count, ActivationBuffer? prepared, ActivationForms forms, InputShare share)
    {
        share = share.AllInputs == 0 ? input.Width : share;
        input.Require(count, input.Width, "input");
        prepared?.Require(count, input.Width, forms);
        RequireWhole(input.Width, forms);
        bool writes = output.Width > 0;
        if (writes)
        {
            output.Require(count, input.Width, "output");
        }
        return new PrepareArguments
        {
            Input = input.Quads,
            Output = writes ? output.Quads : ArrayView<FloatQuad>.Empty,
            Second = ArrayView<FloatQuad>.Empty,
            Prepared = prepared?.Views ?? ActivationViews.None,
            Width = input.Width,
            InputStride = input.Stride / 4,
            OutputStride = output.Stride / 4,
            Forms = (int)forms,
            Blocks = WeightForm.Q8_0.Layout(share),
            SuperBlocks = WeightForm.Q6_K.Layout(share),
            Floats = WeightForm.F32.Layout(share),
        };
    }

    private static void RequireWhole(int width, ActivationForms forms)
    {
        int unit = (forms & ActivationForms.SuperBlocks) != 0 ? WeightForms.SuperBlockInputs
            : (forms & ActivationForms.Blocks) != 0 ? WeightForms.BlockInputs : 1;
        if (width % unit != 0)
        {
            throw new ArgumentException(
                $"Rows of '{width}' elements cannot be prepared as '{forms}'; allowed are multiples of '{unit}'.", nameof(width));
        }
    }
}
