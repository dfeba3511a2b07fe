using System.Runtime.CompilerServices;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>All operations written once over the virtual vector and the panel product; the type arguments choose the instructions.</summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TDot">Integer panel products.</typeparam>
internal unsafe class LaneKernels<T, TDot>(string name) : CpuKernels
    where T : unmanaged, ILanes<T>
    where TDot : struct, IPanelDot
{
    /// <inheritdoc/>
    public override string Name { get; } = name;

    /// <inheritdoc/>
    public override void Quantize(float* source, in QuantizedRows destination, int row, InputForms forms)
    {
        if (forms.HasFlag(InputForms.Blocks))
        {
            LaneQuantizer<T>.Blocks(source, destination, row);
        }
        if (forms.HasFlag(InputForms.SuperBlocks))
        {
            LaneQuantizer<T>.SuperBlocks(source, destination, row);
        }
    }

    /// <inheritdoc/>
    public override void MatMul(
        WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        switch (weights.Type)
        {
            case GgmlType.F32:
                FloatMatMul<T, FloatElements>.Run(weights, input, rows, firstPanel, endPanel, output);
                break;
            case GgmlType.F16:
                FloatMatMul<T, HalfElements>.Run(weights, input, rows, firstPanel, endPanel, output);
                break;
            case GgmlType.BF16:
                FloatMatMul<T, BrainElements>.Run(weights, input, rows, firstPanel, endPanel, output);
                break;
            default:
                PanelProducts<TDot>.Run(weights, input.Quantized, rows, firstPanel, endPanel, output);
                break;
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void RmsNorm(float* x, float* weight, int count, float epsilon, float* y)
    {
        T squares = T.Zero;
        for (int i = 0; i < count; i += 16)
        {
            T v = T.Load(x + i);
            squares = T.Fma(v, v, squares);
        }
        T scale = T.Broadcast(1f / MathF.Sqrt((T.Sum(squares) / count) + epsilon));
        for (int i = 0; i < count; i += 16)
        {
            T.Store(T.Load(x + i) * scale * T.Load(weight + i), y + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SiluMultiply(float* gate, float* up, int count)
    {
        for (int i = 0; i < count; i += 16)
        {
            T.Store(LaneMath<T>.Silu(T.Load(gate + i)) * T.Load(up + i), gate + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ToHalf(float* source, ushort* destination, int count)
    {
        for (int i = 0; i < count; i += 16)
        {
            T.StoreHalf(T.Load(source + i), destination + i);
        }
    }

    /// <inheritdoc/>
    public override void Attend(in AttentionQueries queries)
    {
        if (queries.Halves)
        {
            LaneAttention<T, HalfElements>.Run(queries);
        }
        else
        {
            LaneAttention<T, FloatElements>.Run(queries);
        }
    }
}
