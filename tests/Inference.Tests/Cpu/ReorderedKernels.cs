using Winnow.Inference.Cpu;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Tests.Cpu;

/// <summary>
/// Kernels that break the law on purpose: with two rows or more a product sums its inputs from the last to the first. Every result is as exact
/// as before; only its last bits depend on the batch.
/// </summary>
internal sealed unsafe class ReorderedKernels(CpuKernels inner) : CpuKernels
{
    public override string Name => "reordered";

    public override void Quantize(float* source, in QuantizedRows destination, int row, InputForms forms) =>
        inner.Quantize(source, destination, row, forms);

    public override void MatMul(WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        if (rows == 1)
        {
            inner.MatMul(weights, input, rows, firstPanel, endPanel, output);
            return;
        }
        int end = Math.Min(endPanel * WeightMatrix.PanelRows, weights.Rows);
        for (int row = 0; row < rows; row++)
        {
            for (int n = firstPanel * WeightMatrix.PanelRows; n < end; n++)
            {
                float value = weights.Type == GgmlType.Q8_0
                    ? BackwardsQ8(weights.Panel(n / WeightMatrix.PanelRows), input.Quantized, row, n % WeightMatrix.PanelRows)
                    : Backwards(weights, input.Row(row), n);
                output.Row(row)[n] = output.Add ? output.Row(row)[n] + value : value;
            }
        }
    }

    public override void RmsNorm(float* x, float* weight, int count, float epsilon, float* y) => inner.RmsNorm(x, weight, count, epsilon, y);

    public override void Gate(Activation activation, float* gate, float* up, int count) => inner.Gate(activation, gate, up, count);

    public override void SoftCap(float* x, long count, float cap) => inner.SoftCap(x, count, cap);

    public override void ToHalf(float* source, ushort* destination, int count) => inner.ToHalf(source, destination, count);

    public override void Attend(in AttentionQueries queries) => inner.Attend(queries);

    private static float Backwards(WeightMatrix weights, float* x, int n)
    {
        float acc = 0;
        for (int k = weights.Columns - 1; k >= 0; k--)
        {
            long index = ((long)n * weights.Columns) + k;
            float weight = weights.Type == GgmlType.F32 ? ((float*)weights.Data)[index] : (float)((Half*)weights.Data)[index];
            acc = MathF.FusedMultiplyAdd(weight, x[k], acc);
        }
        return acc;
    }

    private static float BackwardsQ8(Panel panel, in QuantizedRows input, int row, int lane)
    {
        float acc = 0;
        for (int block = panel.Blocks - 1; block >= 0; block--)
        {
            byte* planes = panel.Codes + ((long)block * BytePlanes.Bytes) + (lane * 4);
            long at = ((long)row * panel.Blocks) + block;
            int sum = 0;
            for (int k = 0; k < 32; k++)
            {
                sum += (BytePlanes.At(planes, k) - Q8Format.Offset) * input.Bytes[(at * 32) + k];
            }
            float scale = BlockScales<Q8Format>.At(panel.Scales + ((long)block * BlockScales<Q8Format>.Bytes), lane);
            acc = MathF.FusedMultiplyAdd(sum, scale * input.Scales[at], acc);
        }
        return acc;
    }
}
