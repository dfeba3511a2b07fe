using ILGPU;
using ILGPU.Runtime;
using Winnow.GpuWorker.Kernels.Products;
using Winnow.GpuWorker.Kernels.Weights;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>Looks embeddings up; see <see cref="EmbedKernels"/>.</summary>
internal sealed class EmbedOp
{
    private readonly WeightForm _form;
    private readonly Action<AcceleratorStream, KernelConfig, EmbedArguments> _run;

    /// <summary>Loads the kernel.</summary>
    /// <param name="accelerator">Device.</param>
    /// <param name="form">The embedding matrix's form.</param>
    public EmbedOp(Accelerator accelerator, WeightForm form)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _form = form;
        _run = accelerator.LoadKernel<EmbedArguments>(form switch
        {
            WeightForm.Q4_0 => EmbedKernels.Integers<Q4Form>,
            WeightForm.Q8_0 => EmbedKernels.Integers<Q8Form>,
            WeightForm.Q4_K => EmbedKernels.Integers<Q4SuperForm>,
            WeightForm.Q6_K => EmbedKernels.Integers<Q6SuperForm>,
            WeightForm.F16 => EmbedKernels.Floats<HalfForm>,
            WeightForm.BF16 => EmbedKernels.Floats<BrainForm>,
            _ => EmbedKernels.Floats<FloatForm>,
        });
    }

    /// <summary>Looks tokens up.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="weights">The embedding matrix, V x C.</param>
    /// <param name="tokens">Tokens, which the caller has found to be in the vocabulary.</param>
    /// <param name="rows">Tokens to look up.</param>
    /// <param name="scale">Factor on every element.</param>
    /// <param name="output">Rows of C floats.</param>
    /// <exception cref="ArgumentException">Shapes do not fit.</exception>
    public void Run(AcceleratorStream stream, WeightBuffer weights, ArrayView<int> tokens, int rows, float scale, in RowsView output)
    {
        ArgumentNullException.ThrowIfNull(weights);
        output.Require(rows, weights.Inputs, "output");
        if (weights.Form != _form || tokens.Length < rows)
        {
            throw new ArgumentException(
                $"'{rows}' rows of '{weights.Form}' from '{tokens.Length}' tokens are asked for; expected '{_form}' and a token for every row.",
                nameof(weights));
        }
        if (rows > 0)
        {
            EmbedArguments arguments = new()
            {
                Weights = weights.Views,
                Tokens = tokens,
                Output = output.Values,
                Width = weights.Inputs,
                Stride = output.Stride,
                Layout = weights.Layout,
                Scale = scale,
            };
            _run(stream, new KernelConfig(rows, EmbedKernels.Threads), arguments);
        }
    }
}
