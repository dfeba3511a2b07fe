using System.Runtime.CompilerServices;
using Winnow.Inference.Cache;
using Winnow.Inference.Cpu.Panels;
using Winnow.Inference.Files;
using Winnow.Inference.Graph;

namespace Winnow.Inference.Cpu;

/// <summary>All operations written once over the virtual vector and the panel product; the type arguments choose the instructions.</summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TDot">Integer panel products.</typeparam>
internal unsafe class LaneKernels<T, TDot>(string name) : CpuKernels
    where T : unmanaged, ILanes<T>
    where TDot : struct, IPanelDot
{
    private const float LargestHalf = 65504f;

    /// <inheritdoc/>
    public override string Name { get; } = name;

    /// <inheritdoc/>
    public override void Quantize(float* source, in QuantizedRows destination, int row, InputForms forms)
    {
        if ((forms & InputForms.Blocks) != 0)
        {
            LaneQuantizer<T>.Blocks(source, destination, row);
        }
        if ((forms & InputForms.SuperBlocks) != 0)
        {
            LaneQuantizer<T>.SuperBlocks(source, destination, row);
        }
    }

    /// <inheritdoc/>
    public override void MatMul(
        WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output) =>
        PanelProducts<TDot>.Run(weights, input, rows, firstPanel, endPanel, output);

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
    public override void Gate(Activation activation, float* gate, float* up, int count)
    {
        if (activation == Activation.GeluTanh)
        {
            ushort* halves = stackalloc ushort[16];
            for (int i = 0; i < count; i += 16)
            {
                T.Store(RoundedGelu(T.Load(gate + i), halves) * T.Load(up + i), gate + i);
            }
            return;
        }
        for (int i = 0; i < count; i += 16)
        {
            T.Store(LaneMath<T>.Silu(T.Load(gate + i)) * T.Load(up + i), gate + i);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void SoftCap(float* x, long count, float cap)
    {
        T limit = T.Broadcast(cap);
        T inverse = T.Broadcast(1f / cap);
        long i = 0;
        for (; i + 16 <= count; i += 16)
        {
            T.Store(LaneMath<T>.Tanh(T.Load(x + i) * inverse) * limit, x + i);
        }
        if (i < count)
        {
            float* rest = stackalloc float[16];
            new Span<float>(x + i, (int)(count - i)).CopyTo(new Span<float>(rest, 16));
            T.Store(LaneMath<T>.Tanh(T.Load(rest) * inverse) * limit, rest);
            new Span<float>(rest, (int)(count - i)).CopyTo(new Span<float>(x + i, (int)(count - i)));
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void ToHalf(float* source, ushort* destination, int count)
    {
        T largest = T.Broadcast(LargestHalf);
        T least = T.Broadcast(-LargestHalf);
        for (int i = 0; i < count; i += 16)
        {
            T.StoreHalf(T.ReplaceAbove(T.Max(T.Load(source + i), least), largest, largest), destination + i);
        }
    }

    /// <inheritdoc/>
    public override void Attend(in AttentionQueries queries)
    {
        switch (queries.Type)
        {
            case KvType.F32:
                LaneAttention<T, LaneProducts<T, FloatKv>>.Run(queries);
                break;
            case KvType.Q8_0:
                LaneAttention<T, LaneProducts<T, ByteKv>>.Run(queries);
                break;
            case KvType.Q4_0:
                LaneAttention<T, LaneProducts<T, NibbleKv>>.Run(queries);
                break;
            default:
                LaneAttention<T, LaneProducts<T, HalfKv>>.Run(queries);
                break;
        }
    }

    // llama.cpp looks GELU up by half: argument and result below 10 are rounded to halves, and what is larger stays.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static T RoundedGelu(T x, ushort* halves)
    {
        T limit = T.Broadcast(10f);
        T.StoreHalf(x, halves);
        T.StoreHalf(LaneMath<T>.GeluTanh(T.LoadHalf(halves)), halves);
        T rounded = T.LoadHalf(halves);
        return T.ZeroWhereBelow(x, x, limit) + (rounded - T.ZeroWhereBelow(rounded, x, limit));
    }
}
