namespace Winnow.Inference.Cpu;

/// <summary>Multiplies operands that stay in the cache again and again, each thread its own, for <see cref="CpuRoofline"/>.</summary>
/// <param name="operands">One for each thread.</param>
/// <param name="repeats">Products for each item.</param>
internal sealed class PeakWork(ProductOperands[] operands, int repeats) : IRangeWork
{
    /// <inheritdoc/>
    public void Run(int start, int end, int worker)
    {
        for (int i = 0; i < (end - start) * repeats; i++)
        {
            operands[worker].Multiply();
        }
    }
}
