using System.Runtime.CompilerServices;
using Winnow.Inference.Files;

namespace Winnow.Inference.Cpu;

/// <summary>All operations written once over the virtual vector and the panel product; the type arguments choose the instructions.</summary>
/// <typeparam name="T">Float lanes.</typeparam>
/// <typeparam name="TDot">Integer panel products.</typeparam>
internal unsafe class LaneKernels<T, TDot>(string name) : CpuKernels
    where T : unmanaged, ILanes<T>
    where TDot : struct, IPanelDot
{
    private const int RowTile = 4;

    /// <inheritdoc/>
    public override string Name { get; } = name;

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Quantize(float* source, in QuantizedRows destination, int row)
    {
        long first = (long)row * destination.Columns;
        long firstBlock = first / WeightMatrix.BlockElements;
        for (int block = 0; block < destination.Blocks; block++)
        {
            T low = T.Load(source);
            T high = T.Load(source + 16);
            int largest = T.LargestBits(T.MaxMagnitude(T.Abs(low), T.Abs(high)));
            float scale = BitConverter.Int32BitsToSingle(largest) / 127f;
            T inverse = T.Broadcast(scale == 0 ? 0 : 1f / scale);
            sbyte* bytes = destination.Bytes + first + (block * 32L);
            short* words = destination.Words + first + (block * 32L);
            int sum = T.StoreRounded(low * inverse, bytes, words);
            destination.Sums[firstBlock + block] = sum + T.StoreRounded(high * inverse, bytes + 16, words + 16);
            destination.Scales[firstBlock + block] = (float)(Half)scale;
            source += 32;
        }
    }

    /// <inheritdoc/>
    public override void MatMul(
        WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output)
    {
        switch (weights.Type)
        {
            case GgmlType.Q8_0:
                MultiplyPanels(weights, input, rows, firstPanel, endPanel, output, nibbles: false);
                break;
            case GgmlType.Q4_0:
                MultiplyPanels(weights, input, rows, firstPanel, endPanel, output, nibbles: true);
                break;
            case GgmlType.F16:
                FloatMatMul<T, HalfElements>.Run(weights, input, rows, firstPanel, endPanel, output);
                break;
            default:
                FloatMatMul<T, FloatElements>.Run(weights, input, rows, firstPanel, endPanel, output);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MultiplyPanels(
        WeightMatrix weights, in ActivationRows input, int rows, int firstPanel, int endPanel, in OutputRows output, bool nibbles)
    {
        int blocks = weights.Columns / WeightMatrix.BlockElements;
        long panelBytes = (long)blocks * PanelPacking.BlockQuantBytes(weights.Type);
        float* tile = stackalloc float[RowTile * WeightMatrix.PanelRows];
        for (int panel = firstPanel; panel < endPanel; panel++)
        {
            byte* quants = weights.Data + (panel * panelBytes);
            ushort* scales = weights.Scales + ((long)panel * blocks * WeightMatrix.PanelRows);
            int column = panel * WeightMatrix.PanelRows;
            int columns = Math.Min(WeightMatrix.PanelRows, weights.Rows - column);
            for (int row = 0; row < rows;)
            {
                int count = rows - row >= RowTile ? RowTile : 1;
                MultiplyTile(quants, scales, input.Quantized, row, count, nibbles, tile);
                for (int i = 0; i < count; i++, row++)
                {
                    Emit(tile + (i * WeightMatrix.PanelRows), output.Row(row) + column, columns, output.Add);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyTile(byte* quants, ushort* scales, in QuantizedRows input, int row, int count, bool nibbles, float* tile)
    {
        if (nibbles)
        {
            if (count == RowTile)
            {
                TDot.Q4x4(quants, scales, input, row, tile);
            }
            else
            {
                TDot.Q4x1(quants, scales, input, row, tile);
            }
        }
        else if (count == RowTile)
        {
            TDot.Q8x4(quants, scales, input, row, tile);
        }
        else
        {
            TDot.Q8x1(quants, scales, input, row, tile);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Emit(float* tile, float* destination, int columns, bool add)
    {
        if (columns == WeightMatrix.PanelRows)
        {
            T value = T.Load(tile);
            T.Store(add ? T.Load(destination) + value : value, destination);
            return;
        }
        for (int i = 0; i < columns; i++)
        {
            destination[i] = add ? destination[i] + tile[i] : tile[i];
        }
    }
}
