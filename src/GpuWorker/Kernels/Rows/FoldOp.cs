using ILGPU;
using ILGPU.Runtime;

namespace Winnow.GpuWorker.Kernels.Rows;

/// <summary>Adds the parts of several devices; see <see cref="FoldKernel"/>.</summary>
internal sealed class FoldOp
{
    private readonly Action<AcceleratorStream, KernelConfig, FoldArguments> _run;

    /// <summary>Loads the kernel.</summary>
    public FoldOp(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        _run = accelerator.LoadKernel<FoldArguments>(FoldKernel.Run);
    }

    /// <summary>Adds parts in the order of devices, as a tree.</summary>
    /// <param name="stream">Stream.</param>
    /// <param name="parts">Two or four parts of as many floats as the output has.</param>
    /// <param name="output">The sums: a multiple of 4 floats; may be one of the parts.</param>
    /// <exception cref="ArgumentException">There are no two or four parts, or one is shorter.</exception>
    public void Run(AcceleratorStream stream, ReadOnlySpan<ArrayView<float>> parts, ArrayView<float> output)
    {
        long length = output.Length;
        if (parts.Length is not (2 or 4) || length % 4 != 0)
        {
            throw new ArgumentException($"'{parts.Length}' parts of '{length}' floats cannot be added; expected 2 or 4, of a multiple of 4.", nameof(parts));
        }
        foreach (ArrayView<float> part in parts)
        {
            if (part.Length < length)
            {
                throw new ArgumentException($"A part has '{part.Length}' floats; expected '{length}'.", nameof(parts));
            }
        }
        if (length > 0)
        {
            FoldArguments arguments = new()
            {
                First = Quads(parts[0], length),
                Second = Quads(parts[1], length),
                Third = parts.Length > 2 ? Quads(parts[2], length) : ArrayView<FloatQuad>.Empty,
                Fourth = parts.Length > 2 ? Quads(parts[3], length) : ArrayView<FloatQuad>.Empty,
                Output = Quads(output, length),
            };
            _run(stream, new KernelConfig((int)((length / 4) + FoldKernel.Threads - 1) / FoldKernel.Threads, FoldKernel.Threads), arguments);
        }
    }

    private static ArrayView<FloatQuad> Quads(ArrayView<float> floats, long length) => floats.SubView(0, length).Cast<FloatQuad>();
}
