using Winnow.Inference.Cpu;
using Winnow.Inference.Graph;

namespace Winnow.Law.Tests;

/// <summary>A mutation: the norm's sum runs in another order when the batch has more than one row.</summary>
internal sealed unsafe class ReorderedKernels(CpuKernels inner) : CpuKernels
{
    private int _rows;

    public override string Name => inner.Name;

    public override void Quantize(float* source, in QuantizedRows destination, int row, InputForms forms) =>
        inner.Quantize(source, destination, row, forms);

    public override void MatMul(WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        _rows = rows;
        inner.MatMul(weights, input, rows, firstPanel, endPanel, output);
    }

    public override void RmsNorm(float* x, float* weight, int count, float epsilon, float* y)
    {
        if (_rows <= 1)
        {
            inner.RmsNorm(x, weight, count, epsilon, y);
            return;
        }
        float sum = 0;
        for (int i = count - 1; i >= 0; i--)
        {
            sum += x[i] * x[i];
        }
        float scale = 1 / MathF.Sqrt((sum / count) + epsilon);
        for (int i = 0; i < count; i++)
        {
            y[i] = x[i] * scale * weight[i];
        }
    }

    public override void Gate(Activation activation, float* gate, float* up, int count) => inner.Gate(activation, gate, up, count);

    public override void SoftCap(float* x, long count, float cap) => inner.SoftCap(x, count, cap);

    public override void ToHalf(float* source, ushort* destination, int count) => inner.ToHalf(source, destination, count);

    public override void Attend(in AttentionQueries queries) => inner.Attend(queries);
}
